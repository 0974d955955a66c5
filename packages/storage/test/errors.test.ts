import { expect, it } from "vitest";
import { ArgumentError, KindlingError, ShapeError } from "../src/index.js";

it("errors carry their facts as fields, and no fact takes the name of the kind", () => {
  const error = new ShapeError("sizes differ", { sizes: [1, 2] });
  expect(error).toMatchObject({ name: "ShapeError", message: "sizes differ", sizes: [1, 2] });
  expect([error instanceof KindlingError, String(error)]).toEqual([true, "ShapeError: sizes differ"]);
  // @ts-expect-error the name is that of the kind
  expect(String(new ArgumentError("absent", { name: "weight" }))).toBe("ArgumentError: absent");
});
