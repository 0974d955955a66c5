/** A file of the network, and how to know that it is the right one. */
export interface Remote {
  url: string;
  sha256: string;
  bytes: number;
}

/** torchvision's VGG19, trained on ImageNet (`IMAGENET1K_V1`). */
export const VGG19: Remote = {
  url: "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
  sha256: "dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44",
  bytes: 574_673_361,
};
