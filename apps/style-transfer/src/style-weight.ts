/** The style's weight where none is asked for: random filters answer more strongly to a picture that is unlike the style. */
export const styleWeightOf = ({ trained }: { trained: boolean }, asked: number | undefined, usual: number): number =>
  asked ?? (trained ? usual : 3e3);
