import { createRequire } from "node:module";
import { Resvg } from "@resvg/resvg-js";

/** A font that comes with the application: many servers have none. */
const font = createRequire(import.meta.url).resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf");
const boldFont = font.replace("DejaVuSans", "DejaVuSans-Bold");

/** Draws an SVG document as a PNG picture, on white, at twice its size. */
export function pngFromSvg(svg: string): Uint8Array {
  const picture = new Resvg(svg, {
    background: "white",
    fitTo: { mode: "zoom", value: 2 },
    font: { loadSystemFonts: false, fontFiles: [font, boldFont], defaultFontFamily: "DejaVu Sans" },
  });
  return picture.render().asPng();
}
