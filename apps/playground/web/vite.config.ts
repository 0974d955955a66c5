import { pageConfig } from "app-common/vite";
import type { UserConfig } from "vite";

const config = pageConfig(import.meta.url);

// modules and errors print the names of their classes
const worker: UserConfig["worker"] = { ...config.worker, rolldownOptions: { output: { keepNames: true } } };

export default { ...config, worker };
