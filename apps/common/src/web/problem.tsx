/** What went wrong, where it happened: screen readers say it at once. Stands in the page from the start, empty. */
export const Problem = ({ message }: { message: string | undefined }) => (
  <div role="alert">
    {message && (
      <p class="problem">
        <strong>Error:</strong> {message}
      </p>
    )}
  </div>
);

/** A thrown value's message. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
