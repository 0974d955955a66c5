/**
 * Rules for pictures whose lines and letters are `currentColor`. Inside of a page that is the page's colour; `:root` matches the
 * picture only where it is a document of its own (a file, an `<img>`), which has no surroundings and follows the reader's scheme.
 */
export const standalone = (name: string): string =>
  `svg.${name}:root{color:#1f2933;background:#fff}
@media (prefers-color-scheme:dark){svg.${name}:root{color:#e4e9ee;background:#12171c}}
`;
