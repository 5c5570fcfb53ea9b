/** A step of programs that need much state, for measurements. */
import { type KeyedOperator, keyedProcess, mapState } from 'rxweft'

const padding = 'x'.repeat(980)

/** The first record of each word also fills a map of entries of 1,000 bytes, which stays; all records pass. */
export function largeState(wordBytes: number): KeyedOperator<string, string, string> {
  const entries = Math.ceil(wordBytes / 1_000)
  return keyedProcess(
    {
      state: { known: mapState<string, string>() },
      onElement(word: string, { state: { known } }) {
        if (known.size === 0) for (let at = 0; at < entries; at++) known.set(`entry-${at}`, `${at}${padding}`)
        return [word]
      },
    },
    { id: 'known' },
  )
}
