import { signal } from '@preact/signals';

/** How long numbers stay on the screen before they are requested again. */
const CHECK_EVERY_MS = 15_000;

/** Changes whenever what is on the screen has to be requested again. */
export const revision = signal(0);

export function checkAgain(): void {
  revision.value += 1;
}

/** Requests what is on the screen again from time to time while the page is visible. */
export function keepChecking(): void {
  setInterval(() => {
    if (document.visibilityState === 'visible') checkAgain();
  }, CHECK_EVERY_MS);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') checkAgain();
  });
}
