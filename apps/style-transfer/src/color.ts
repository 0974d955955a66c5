import { cat, type Tensor } from "kindling";

/** Brightness of (1, 3, H, W) RGB as (1, 1, H, W) (ITU-R BT.601). */
const brightness = (picture: Tensor): Tensor => {
  const [r, g, b] = picture.split(1, 1);
  return cat([r.mul(0.299), g.mul(0.587), b.mul(0.114)], 1).sum(1, { keepdim: true });
};

/** The painting's brightness in the content's colours (after Gatys et al. 2016, "Preserving Color in Neural Artistic Style Transfer"). */
export const inColorsOf = (content: Tensor, painting: Tensor): Tensor =>
  content.add(brightness(painting).sub(brightness(content))).clamp(0, 1);
