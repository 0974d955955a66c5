/** Tests see the packages' sources, not what was built from them. */
declare const _default: import("vite").UserConfig;
export default _default;
