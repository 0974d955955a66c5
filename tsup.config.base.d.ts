/** JavaScript and source maps of a package; dependencies and peers stay imports. The declarations are tsup.types.config.ts's. */
declare const _default: import("tsup").Options[] | import("tsup").Options | ((overrideOptions: import("tsup").Options) => import("tsup").Options[] | import("tsup").Options | Promise<import("tsup").Options[] | import("tsup").Options>);
export default _default;
