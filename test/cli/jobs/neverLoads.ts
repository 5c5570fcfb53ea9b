/** A module that awaits what nothing settles. */
await new Promise(() => undefined)
export const job = null
