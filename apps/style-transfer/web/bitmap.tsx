import { useEffect, useRef } from "preact/hooks";

/** A picture that the worker has handed over; it is used up by being shown. */
export function Bitmap(props: { bitmap: ImageBitmap; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { bitmap, label } = props;
  useEffect(() => {
    if (bitmap.width === 0) return; // shown already
    Object.assign(canvas.current as HTMLCanvasElement, { width: bitmap.width, height: bitmap.height });
    canvas.current?.getContext("bitmaprenderer")?.transferFromImageBitmap(bitmap);
  }, [bitmap]);
  return <canvas ref={canvas} role="img" aria-label={label} />;
}
