/* WebGPU's flags; Node has no globals for them. */
export const usage = { MAP_READ: 1, COPY_SRC: 4, COPY_DST: 8, UNIFORM: 0x40, STORAGE: 0x80, QUERY_RESOLVE: 0x200 };
export const COMPUTE_STAGE = 4;
export const MAP_TO_READ = 1;
