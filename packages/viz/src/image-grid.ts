import { ArgumentError, ShapeError, type Tensor } from "@kindling/autograd";
import { dataUrl, pixelsOf, pngOf } from "./png.js";
import { standalone } from "./theme.js";

export interface ImageGridOptions {
  /** Pictures in a row; 8 unless told. */
  columns?: number;
  /** Texts below the pictures. */
  labels?: readonly string[];
  /** Units of the document for each pixel; by default small pictures are enlarged to about 64. */
  scale?: number;
}

/** Between pictures, and below them for their texts. */
const GAP = 6;
const LINE = 18;

/**
 * Pictures side by side as an SVG document that holds them as PNGs; enlarged pixels stay squares.
 * @param images (N, C, H, W), or one picture (C, H, W); 1, 3 or 4 channels, floats from 0 to 1 or uint8
 * @throws ShapeError for other shapes; ArgumentError where there are not as many labels as pictures
 */
export function imageGrid(images: Tensor, { columns = 8, labels, scale }: ImageGridOptions = {}): string {
  if (images.ndim !== 3 && images.ndim !== 4) {
    throw new ShapeError("imageGrid expects (N, C, H, W) or (C, H, W)", { shape: images.shape });
  }
  const pictures = images.ndim === 3 ? [images] : images.unbind(0);
  if (labels !== undefined && labels.length !== pictures.length) {
    throw new ArgumentError(`imageGrid got ${labels.length} labels for ${pictures.length} pictures`);
  }
  if (!Number.isInteger(columns) || columns < 1) throw new ArgumentError(`columns must be 1 or more, got ${columns}`);
  const [height, width] = images.shape.slice(-2);
  const unit = scale ?? Math.max(1, Math.round(64 / Math.max(height, width)));
  if (!(unit > 0)) throw new ArgumentError(`scale must be positive, got ${scale}`);
  const [stepX, stepY] = [width * unit + GAP, height * unit + GAP + (labels ? LINE : 0)];
  const cells = pictures.map((picture, i) => {
    const [x, y] = [GAP + (i % columns) * stepX, GAP + Math.floor(i / columns) * stepY];
    const text = labels?.[i];
    const image = `<image x="${x}" y="${y}" width="${width * unit}" height="${height * unit}" href="${dataUrl(pngOf(pixelsOf(picture)))}"/>`;
    if (text === undefined) return image;
    const [middle, base] = [x + (width * unit) / 2, y + height * unit + LINE - 5];
    return `${image}\n<text x="${middle}" y="${base}" text-anchor="middle">${escaped(text)}</text>`;
  });
  const total = [GAP + Math.min(columns, pictures.length) * stepX, GAP + Math.ceil(pictures.length / columns) * stepY];
  const css = `${standalone("kindling-images")}.kindling-images{max-width:100%;height:auto;font:12px system-ui,sans-serif}
.kindling-images image{image-rendering:pixelated}.kindling-images text{fill:currentColor}`;
  return `<svg class="kindling-images" role="img" aria-label="${pictures.length} pictures" width="${total[0]}" height="${total[1]}" viewBox="0 0 ${total.join(" ")}" xmlns="http://www.w3.org/2000/svg">
<style>${css}</style>
${cells.join("\n")}
</svg>`;
}

const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign] as string);
