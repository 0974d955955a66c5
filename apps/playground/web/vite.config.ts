import { pageConfig } from "app-common/vite";

export default pageConfig(import.meta.url);
