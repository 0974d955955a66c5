import { isSystemError, reasonOf, UsageError } from "app-common";
import { io, KindlingError } from "kindling";
import { TransformNet } from "./transform-net.js";

const FORMAT = "kindling style-transfer 1";

/** Writes a painter's weights, and what it takes to build it; at every moment the file is the old one or the new one, whole. */
export const saveNet = (path: string, net: TransformNet, width: number): Promise<void> =>
  io.saveSafetensors(net.stateDict(), path, { metadata: { format: FORMAT, width: String(width) } });

/**
 * Reads what `saveNet` wrote.
 * @throws UsageError for what it did not write
 */
export async function loadNet(path: string): Promise<TransformNet> {
  try {
    const { tensors, metadata } = await io.loadSafetensors(path);
    if (metadata.format !== FORMAT) {
      throw new UsageError(`${path} is no model of this program: ${metadata.format ?? "it does not say whose it is"}`);
    }
    const net = new TransformNet(Number(metadata.width));
    net.loadStateDict(tensors);
    return net;
  } catch (error) {
    if (isSystemError(error)) throw new UsageError(`cannot read ${path}: ${reasonOf(error)}`);
    if (error instanceof KindlingError) throw new UsageError(`cannot use the model ${path}: ${error.message}`);
    throw error;
  }
}
