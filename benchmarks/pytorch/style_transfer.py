"""Style transfer as the tutorial has it, with weights drawn at random: what the benchmarks on processors and on GPUs measure alike."""
import torch
import torch.nn.functional as F
from torch import nn

BLOCKS = [[64, 64], [128, 128], [256] * 4, [512] * 4, [512] * 4]
NETWORKS = {
    "tutorial network": (["conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1"], "conv2_2", "conv3_1"),
    "VGG19 to conv5_1": (["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"], "conv4_2", "conv5_1"),
}


def gram(x):
    n, c, h, w = x.shape
    features = x.view(n * c, h * w)
    return (features @ features.t()).div(n * c * h * w)


class Normalization(nn.Module):
    def __init__(self, device):
        super().__init__()
        self.mean = torch.tensor([0.485, 0.456, 0.406], device=device).view(-1, 1, 1)
        self.std = torch.tensor([0.229, 0.224, 0.225], device=device).view(-1, 1, 1)

    def forward(self, x):
        return (x - self.mean) / self.std


class Loss(nn.Module):
    """Lets its input through, and remembers how far `of` it lies from the target."""

    def __init__(self, of, target):
        super().__init__()
        self.of = of
        self.target = of(target).detach()

    def forward(self, x):
        self.loss = F.mse_loss(self.of(x), self.target)
        return x


def build(network, content, style):
    styles, content_layer, last = network
    model, losses, channels = nn.Sequential(Normalization(content.device)), [], 3
    for b, block in enumerate(BLOCKS):
        if b > 0:
            model.append(nn.MaxPool2d(2, 2))
        for i, out in enumerate(block):
            name = f"conv{b + 1}_{i + 1}"
            conv = nn.Conv2d(channels, out, 3, padding=1)
            nn.init.kaiming_normal_(conv.weight)
            nn.init.zeros_(conv.bias)
            model.append(conv.to(content.device))
            channels = out
            if name == content_layer:
                losses.append((1, Loss(lambda x: x, model(content))))
                model.append(losses[-1][1])
            if name in styles:
                losses.append((1e6, Loss(gram, model(style))))
                model.append(losses[-1][1])
            if name == last:
                return model, losses
            model.append(nn.ReLU())


def transfer(network, size, device="cpu"):
    """A call that evaluates the loss and its gradient for the picture, and returns the loss."""
    content, style = torch.rand(1, 3, size, size, device=device), torch.rand(1, 3, size, size, device=device)
    with torch.no_grad():
        model, losses = build(NETWORKS[network], content, style)
    model.eval()
    model.requires_grad_(False)
    image = content.clone().requires_grad_()

    def call():
        with torch.no_grad():
            image.clamp_(0, 1)
        image.grad = None
        model(image)
        loss = sum(layer.loss * weight for weight, layer in losses)
        loss.backward()
        return loss

    return call
