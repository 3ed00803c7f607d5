/** A network has learned the task if it is right in so much of what it is tested on. */
export const LEARNED = 0.9;
