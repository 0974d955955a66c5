/** Presses Ctrl-C as soon as the program listens to it. */
export function pressCtrlC(): void {
  const before = process.listenerCount("SIGINT");
  const timer = setInterval(() => {
    if (process.listenerCount("SIGINT") === before) return;
    clearInterval(timer);
    process.emit("SIGINT");
  }, 5);
}
