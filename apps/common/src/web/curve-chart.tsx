/// <reference types="vite/client" />
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface Curve {
  name: string;
  /** A colour of the stylesheet: `--accent`. */
  colour: string;
  /** One value for each x; `null` where the curve has none. */
  values: readonly (number | null)[];
}

const HEIGHT = 220;

/**
 * Curves over a common x that grow while one watches: drawn on a canvas, in well under a frame. What it shows must also stand in words:
 * `summary` does, for who cannot see it.
 * @param props.range of x; it follows the data where absent
 */
export function CurveChart(props: {
  x: readonly number[];
  curves: readonly Curve[];
  xLabel: string;
  summary: string;
  range?: [number, number];
}) {
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(null);
  const { x, curves, xLabel, range } = props;
  const names = curves.map(({ name }) => name).join();

  // made once for these curves; the next effect feeds it
  useEffect(() => {
    const place = holder.current as HTMLDivElement;
    const make = (): void => {
      chart.current?.destroy();
      chart.current = new uPlot(options(place, curves, xLabel, range), dataOf(x, curves), place);
    };
    make();
    const sizes = new ResizeObserver(() => chart.current?.setSize({ width: place.clientWidth, height: HEIGHT }));
    sizes.observe(place);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", make); // a canvas does not follow the stylesheet by itself
    return () => {
      sizes.disconnect();
      dark.removeEventListener("change", make);
      chart.current?.destroy();
      chart.current = null;
    };
  }, [names, xLabel, range?.[0], range?.[1]]);

  useEffect(() => chart.current?.setData(dataOf(x, curves)), [x, curves]);

  return (
    <figure class="chart">
      <figcaption>
        {curves.map(({ name, colour }) => (
          <span key={name} style={{ color: `var(${colour})` }}>
            ● {name}
          </span>
        ))}
      </figcaption>
      <div ref={holder} role="img" aria-label={props.summary} />
    </figure>
  );
}

const dataOf = (x: readonly number[], curves: readonly Curve[]): uPlot.AlignedData => [
  x as number[],
  ...curves.map(({ values }) => values as (number | null)[]),
];

function options(
  place: HTMLElement,
  curves: readonly Curve[],
  xLabel: string,
  range: [number, number] | undefined,
): uPlot.Options {
  /** light-dark() is resolved on a property that takes a colour only. */
  const colour = (name: string): string => {
    place.style.color = `var(${name})`;
    return getComputedStyle(place).color;
  };
  const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  return {
    width: place.clientWidth,
    height: HEIGHT,
    scales: { x: { time: false, ...(range && { range }) } },
    axes: [
      { ...axis, label: xLabel, labelSize: 22, size: 32 },
      { ...axis, size: 48 },
    ],
    series: [
      {},
      ...curves.map((curve) => ({ label: curve.name, stroke: colour(curve.colour), width: 2, spanGaps: true })),
    ],
    legend: { show: false },
    cursor: { show: false },
  };
}
