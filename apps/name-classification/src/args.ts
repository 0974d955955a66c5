import { choice, examples, positive, UsageError, whole } from "app-common";
import { Command, Option } from "commander";
import { DEFAULTS, defaultRate, type Settings } from "./settings.js";

export interface TrainOptions extends Settings {
  /** Device that computes. */
  device: string;
  /** Whether the processes that mpirun started share the work. */
  distributed: boolean;
  out: string;
  resume: boolean;
  /** Whether a run that `out` holds already may be replaced. */
  overwrite: boolean;
  /** Folder for TensorBoard's event files. */
  tensorboard?: string;
  /** The options that the command line named; the others have their defaults. `--resume` must not contradict these. */
  given: (keyof TrainOptions)[];
}

export interface EvaluateOptions {
  run: string;
  /** Another data folder than the one the run was trained on. */
  data?: string;
}

export interface PredictOptions {
  names: string[];
  run: string;
  top: number;
}

/** What to look into: a run, or a data folder (the bundled names where both are absent). */
export interface InspectOptions {
  data?: string;
  run?: string;
}

export interface Commands {
  train(options: TrainOptions): Promise<void>;
  evaluate(options: EvaluateOptions): Promise<void>;
  predict(options: PredictOptions): Promise<void>;
  inspect(options: InspectOptions): Promise<void>;
}

const DEFAULT_RUN = "runs/names";

/** How examples begin. */
const PREFIX = "npm run names --";

/** The command line `names train|evaluate|predict|inspect`; parsing runs the command. */
export function createProgram(commands: Commands): Command {
  const program = new Command("names")
    .description("Tells from its letters which language a surname comes from.")
    .showHelpAfterError("(--help shows the options, with examples)")
    .exitOverride();
  addTrain(program, commands);
  addEvaluate(program, commands);
  addPredict(program, commands);
  addInspect(program, commands);
  return program;
}

function addTrain(program: Command, commands: Commands): void {
  const command = program
    .command("train")
    .description("train a classifier and write its checkpoint, pictures and report.html")
    .option("--data <dir>", "folder of LANGUAGE.txt files, one name a line (default: the bundled names)")
    .addOption(choice("--split <kind>", "default keeps repeated names out of the test side", ["default", "tutorial"]))
    .addOption(choice("--model <kind>", "the newer, batched model or the classic one", ["batched", "classic"]))
    .addOption(choice("--cell <kind>", "recurrent cell of the batched model", ["gru", "rnn", "lstm"]))
    .option("--hidden <n>", "size of the hidden state", whole(1, 4096), DEFAULTS.hidden)
    .option("--layers <n>", "recurrent layers of the batched model", whole(1, 16), DEFAULTS.layers)
    .option("--epochs <n>", "times to go through the training names", whole(1, 1_000_000), DEFAULTS.epochs)
    .option("--batch <n>", "names in a batch of the batched model", whole(1, 1_000_000), DEFAULTS.batch)
    .addOption(
      choice("--optimizer <kind>", "default: adam, for the classic model sgd", ["adam", "sgd"]).default(undefined),
    )
    .option(
      "--lr <rate>",
      "learning rate (default: adam 0.006, with the rnn cell 0.003, sgd 0.15, classic model 0.005)",
      positive,
    )
    .addOption(
      choice("--decay <kind>", "the learning rate falls linearly to 0 over the run, or stays", ["linear", "none"]),
    )
    .addOption(
      choice("--balance <kind>", "weights makes every language count the same in the loss", ["none", "weights"]),
    )
    .option(
      "--seed <n>",
      "seed of the split, of the first weights and of the order",
      whole(0, Number.MAX_SAFE_INTEGER),
      DEFAULTS.seed,
    )
    .option("--device <name>", "device that computes: cpu, webgpu, or the package or file of another backend", "cpu")
    .option("--distributed", "share each batch with the other processes that mpirun started", false)
    .option("--out <dir>", "folder to write the run to", DEFAULT_RUN)
    .option("--resume", "go on with the interrupted run in --out", false)
    .option("--tensorboard <dir>", "folder to write TensorBoard's event files to, too")
    .addOption(new Option("--overwrite", "replace the run that --out holds").default(false).conflicts("resume"))
    .addHelpText(
      "after",
      examples(PREFIX, "train", "train --data names --cell lstm --epochs 20 --out runs/lstm", "train --resume"),
    );
  command.action(async (options: TrainFlags) => {
    const given = Object.keys(options).filter((name) => command.getOptionValueSource(name) === "cli");
    await commands.train(completed(options, given as (keyof TrainOptions)[]));
  });
}

/** As commander gives them, before the defaults that depend on one another. */
type TrainFlags = Omit<TrainOptions, "optimizer" | "lr" | "given"> & Partial<Pick<TrainOptions, "optimizer" | "lr">>;

function completed(flags: TrainFlags, given: (keyof TrainOptions)[]): TrainOptions {
  const classic = flags.model === "classic";
  const stray = given.filter((name) => name === "cell" || name === "layers" || name === "batch");
  if (classic && stray.length > 0) {
    throw new UsageError(
      `--${stray[0]} belongs to the batched model: the classic one has one layer, a cell of its own and reads name by name`,
    );
  }
  if (flags.distributed && (classic || flags.device !== "cpu")) {
    throw new UsageError("--distributed shares the batches of the batched model, on the cpu");
  }
  const optimizer = flags.optimizer ?? (classic ? "sgd" : "adam");
  const lr = flags.lr ?? defaultRate({ ...flags, optimizer });
  return { ...flags, optimizer, lr, given };
}

function addEvaluate(program: Command, commands: Commands): void {
  program
    .command("evaluate")
    .description("measure a trained classifier on the names kept aside, and write its report again")
    .option("--run <dir>", "folder that train wrote", DEFAULT_RUN)
    .option("--data <dir>", "measure on all names of another data folder")
    .addHelpText("after", examples(PREFIX, "evaluate", "evaluate --run runs/lstm --data more-names"))
    .action((options: EvaluateOptions) => commands.evaluate(options));
}

function addPredict(program: Command, commands: Commands): void {
  program
    .command("predict")
    .description("guess the language of names, with log-probabilities")
    .argument("<names...>", "names to guess; quote a name that has blanks in it")
    .option("--run <dir>", "folder that train wrote", DEFAULT_RUN)
    .option("--top <n>", "guesses for each name", whole(1, 1000), 3)
    .addHelpText("after", examples(PREFIX, "predict Dvořák Satoshi", 'predict "Ó Briain" --top 5 --run runs/lstm'))
    .action((names: string[], options: Omit<PredictOptions, "names">) => commands.predict({ names, ...options }));
}

function addInspect(program: Command, commands: Commands): void {
  program
    .command("inspect")
    .description("show what a run or a data folder holds (default: the bundled names)")
    .option("--run <dir>", "folder that train wrote: settings, layers, parameters")
    .addOption(
      new Option("--data <dir>", "data folder: names, repeats, unknown letters of each language").conflicts("run"),
    )
    .addHelpText("after", examples(PREFIX, "inspect", "inspect --run runs/lstm", "inspect --data names"))
    .action((options: InspectOptions) => commands.inspect(options));
}
