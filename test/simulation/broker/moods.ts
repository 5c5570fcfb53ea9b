/** How likely the brokers are to be difficult at the moment; the director (faults) turns it up and down. */
import type { Random } from '../core/random.ts'

export interface MoodRates {
  /** A request is refused and nothing is done: the leader is moving, the coordinator loading. */
  refuse: number
  /** It is done, and the answer is an error all the same. */
  lie: number
  /** Markers take long. */
  slowMarkers: number
  /** A fetch answers with less than there is, as at the end of a segment. */
  shortFetch: number
}

export interface Moods {
  readonly rates: MoodRates
  refuses(): boolean
  lies(): boolean
  shortFetch(): boolean
  /** ms until a marker is in its log. */
  markerDelay(): number
}

export function moods(random: Random): Moods {
  const rates: MoodRates = { refuse: 0, lie: 0, slowMarkers: 0, shortFetch: 0.2 }
  return {
    rates,
    refuses: () => rates.refuse > 0 && random.chance(rates.refuse),
    lies: () => rates.lie > 0 && random.chance(rates.lie),
    shortFetch: () => random.chance(rates.shortFetch),
    markerDelay: () => (random.chance(rates.slowMarkers) ? random.between(20, 600) : random.between(1, 6)),
  }
}
