/** How long a dispatch may take, in milliseconds: short enough to stop and to draw a page after it. */
export const LONGEST_MS = 50;
