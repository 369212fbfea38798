/** The number of results on a page of a list. */
export const PAGE_SIZE_DEFAULT = 20;

/** How long the response to the cancellation of a drop waits for the drop's final state: at most below the function's timeout. */
export const CANCEL_WAIT_SECONDS_DEFAULT = 5;
export const CANCEL_WAIT_SECONDS_MAX = 8;
