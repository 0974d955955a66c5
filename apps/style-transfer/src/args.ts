import { choice, examples, positive, UsageError, whole } from "app-common";
import { Command, InvalidArgumentError } from "commander";
import { CONTENT_LAYERS, layerNamed, STYLE_LAYERS } from "./layers.js";

/** What the optimization starts from. */
export type Start = "content" | "noise" | "style";

/** What can be said of the loss network. */
export interface NetworkOptions {
  /** A file of VGG19's weights. */
  weights?: string;
  /** Whether torchvision's file is fetched, unless it has been already. */
  download: boolean;
  seed: number;
  /** Device that computes. */
  device: string;
}

/** What is aimed at: the weighted terms of the loss, and the layers they look at. */
export interface LossOptions {
  styleWeight: number;
  contentWeight: number;
  tvWeight: number;
  styleLayers: string[];
  contentLayers: string[];
  /** Of each style picture; they sum to 1. */
  blend: number[];
}

/** What is asked of the loss; which weight the style has where none is given depends on the network. */
type Aim = Omit<LossOptions, "styleWeight"> & Partial<Pick<LossOptions, "styleWeight">>;

interface LogOptions {
  /** Folder for TensorBoard's event files. */
  tensorboard?: string;
}

export interface TransferOptions extends NetworkOptions, Aim, LogOptions {
  /** Absent: the bundled picture. */
  content?: string;
  /** One picture or more; empty: the bundled one. */
  style: string[];
  out: string;
  /** Pixels of the longer side. */
  size: number;
  steps: number;
  optimizer: "lbfgs" | "adam";
  lr: number;
  init: Start;
  pyramid: boolean;
  preserveColor: boolean;
  /** Steps between pictures on the way; 0 for none. */
  saveEvery: number;
  sheet: boolean;
  plot: boolean;
}

export interface TrainOptions extends NetworkOptions, Aim, LogOptions {
  /** Folder of pictures to learn on; the bundled ones where absent. */
  data?: string;
  /** Absent: the bundled picture. */
  style?: string;
  out: string;
  /** Pixels of the squares to learn on. */
  size: number;
  steps: number;
  batch: number;
  lr: number;
  /** Channels of the net at full size. */
  width: number;
  /** Whether the processes that mpirun started share the work. */
  distributed: boolean;
  /** Steps between checkpoints; 0 for one at the end alone. */
  saveEvery: number;
  /** Whether the training in `out` goes on. */
  resume: boolean;
  /** The options that the command line named; the others have their defaults. `--resume` must not contradict these. */
  given: readonly string[];
}

export interface ApplyOptions {
  model: string;
  /** Absent: the bundled picture. */
  content?: string;
  out: string;
  /** Pixels of the longer side. */
  size: number;
  preserveColor: boolean;
  device: string;
}

export interface Commands {
  transfer(options: TransferOptions): Promise<void>;
  train(options: TrainOptions): Promise<void>;
  apply(options: ApplyOptions): Promise<void>;
}

/** The command line `style [train|apply]`; parsing runs the command. */
export function createProgram(commands: Commands): Command {
  const program = new Command("style")
    .description("Paints one picture in the style of another.")
    .showHelpAfterError("(--help shows the options, with examples)")
    .allowExcessArguments(false)
    .enablePositionalOptions()
    .exitOverride();
  addTransfer(program, commands);
  addTrain(program, commands);
  addApply(program, commands);
  return program;
}

const DEFAULT_NET = "runs/style.safetensors";

/** How examples begin. */
const PREFIX = "npm run style --";

function addTransfer(program: Command, commands: Commands): void {
  program
    .option("--content <file>", "picture to paint (default: a bundled one)")
    .option("--style <files...>", "picture or pictures to take the style of (default: a bundled one)")
    .option("--blend <weights...>", "how much each style counts (default: all the same)", positives)
    .option("--out <file>", "picture to write: .png, .jpg, .webp, .tiff or .avif", "runs/style.png")
    .option("--size <n>", "pixels of the result's longer side", whole(16, 8192), 256)
    .option("--steps <n>", "evaluations of the loss and its gradient", whole(1, 1_000_000), 300);
  addLoss(program, "1e6");
  program
    .addOption(choice("--init <kind>", "what the painting starts from", ["content", "noise", "style"]))
    .addOption(choice("--optimizer <kind>", "what moves the pixels", ["lbfgs", "adam"]))
    .option("--lr <rate>", "learning rate (default: lbfgs 1, adam 0.02)", positive)
    .option("--pyramid", "paint small first, then twice as large, and so on: better in less time", false)
    .option("--preserve-color", "keep the content's colours", false)
    .option("--save-every <n>", "write the picture every n steps, too", whole(0, 1_000_000), 0)
    .option("--sheet", "write content, styles and result side by side, too", false)
    .option("--plot", "write a plot of the losses, too", false);
  addNetwork(program);
  addLog(program);
  program
    .addHelpText(
      "after",
      examples(
        PREFIX,
        "",
        "--content a.jpg --style b.jpg --out out.png --size 512 --pyramid",
        "--style b.jpg c.jpg --blend 3 1 --preserve-color",
        "--download",
      ),
    )
    .action((flags: Flags) => commands.transfer(completed(flags)));
}

/** The options that say what is aimed at. */
function addLoss(command: Command, styleWeight: string): void {
  command
    .option("--style-weight <w>", `weight of the style (default: ${styleWeight}, with random filters 3e3)`, notNegative)
    .option("--content-weight <w>", "weight of the content", notNegative, 1)
    .option("--tv-weight <w>", "weight of the total variation, which smooths", notNegative, 0)
    .option("--style-layers <names>", "layers whose Gram matrices are the style", layers, [...STYLE_LAYERS])
    .option("--content-layers <names>", "layers whose values are the content", layers, [...CONTENT_LAYERS]);
}

/** The options that say which network measures style and content. */
function addNetwork(command: Command): void {
  command
    .option("--weights <file>", "VGG19's weights: torchvision's .pth, safetensors, or its leading layers alone")
    .option("--download", "fetch torchvision's VGG19 weights (548 MB, once)", false)
    .option("--seed <n>", "seed of noise and random filters", whole(0, Number.MAX_SAFE_INTEGER), 2024)
    .option("--device <name>", "device that computes: cpu, webgpu, or the package or file of another backend", "cpu");
}

function addLog(command: Command): void {
  command.option("--tensorboard <dir>", "write losses and pictures for TensorBoard to this folder, too");
}

function addTrain(program: Command, commands: Commands): void {
  const command = program
    .command("train")
    .description("teach a net to paint in a style at once, and write it")
    .option("--data <dir>", "folder of pictures to learn on (default: the bundled ones)")
    .option("--style <file>", "picture to take the style of (default: a bundled one)")
    .option("--out <file>", "net to write, .safetensors", DEFAULT_NET)
    .option("--size <n>", "pixels of the squares to learn on", whole(32, 2048), 128)
    .option("--steps <n>", "steps of the training", whole(1, 100_000_000), 1000)
    .option("--batch <n>", "pictures in a step", whole(1, 1024), 2)
    .option("--lr <rate>", "learning rate", positive, 0.001)
    .option("--width <n>", "channels of the net at full size", whole(1, 256), 32)
    .option("--save-every <n>", "write the net every n steps, too", whole(0, 100_000_000), 500)
    .option("--resume", "go on with the training of --out, which was stopped or is to take more steps", false);
  addLoss(command, "1e5");
  addNetwork(command);
  addLog(command);
  command.option("--distributed", "share each step's pictures with the other processes that mpirun started", false);
  command
    .addHelpText(
      "after",
      examples(
        PREFIX,
        "train --data photos --style b.jpg --steps 20000 --out b.safetensors",
        "train --resume --out b.safetensors",
      ),
    )
    .action((flags: Omit<TrainOptions, "blend" | "given">) => {
      checkLoss(flags);
      if (flags.distributed && flags.device !== "cpu") throw new UsageError("--distributed trains on the cpu");
      const given = Object.keys(flags).filter((name) => command.getOptionValueSource(name) === "cli");
      return commands.train({ ...flags, blend: [1], given });
    });
}

function addApply(program: Command, commands: Commands): void {
  program
    .command("apply")
    .description("paint a picture with a net that train wrote")
    .option("--model <file>", "net that train wrote", DEFAULT_NET)
    .option("--content <file>", "picture to paint (default: a bundled one)")
    .option("--out <file>", "picture to write", "runs/style.png")
    .option("--size <n>", "pixels of the result's longer side", whole(16, 8192), 512)
    .option("--preserve-color", "keep the content's colours", false)
    .option("--device <name>", "device that computes: cpu, webgpu, or the package or file of another backend", "cpu")
    .addHelpText("after", examples(PREFIX, "apply --model b.safetensors --content a.jpg --out out.png"))
    .action((options: ApplyOptions) => commands.apply(options));
}

/** As commander gives them, before the defaults that depend on one another. */
type Flags = Omit<TransferOptions, "style" | "blend" | "lr"> & Partial<Pick<TransferOptions, "style" | "blend" | "lr">>;

function completed({ style = [], blend, lr, ...flags }: Flags): TransferOptions {
  const count = Math.max(1, style.length);
  const weights = blend ?? Array.from({ length: count }, () => 1);
  if (weights.length !== count) {
    throw new UsageError(`--blend gives ${weights.length} weights for ${count} style pictures`);
  }
  checkLoss(flags);
  const total = weights.reduce((a, b) => a + b);
  return {
    ...flags,
    style,
    blend: weights.map((weight) => weight / total),
    lr: lr ?? (flags.optimizer === "lbfgs" ? 1 : 0.02),
  };
}

/** Refuses what contradicts itself. */
function checkLoss({
  weights,
  download,
  styleWeight,
  contentWeight,
}: Pick<TrainOptions, "weights" | "download" | "styleWeight" | "contentWeight">): void {
  if (weights !== undefined && download) {
    throw new UsageError("--weights names a file of weights, and --download asks for another: leave one out");
  }
  if (styleWeight === 0 && contentWeight === 0) {
    throw new UsageError("--style-weight and --content-weight are both 0: nothing is aimed at");
  }
}

const positives = (text: string, before: number[] = []): number[] => [...before, positive(text)];

function notNegative(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("It must be 0 or a number above 0.");
}

function layers(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  try {
    return names.map((name) => layerNamed(name).name);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
