/** rxweft/lmdb: keyed state that is larger than memory. */
export { type LmdbStateOptions, lmdbState } from './state/lmdbState.ts'
