/** Asks the thread of a model to end when its run has ended. */
export const STOP = 'stop'
