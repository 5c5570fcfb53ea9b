/** Rules of the options of a topic in the middle of a job. */
import { required, text, wholeNumber } from '../optionRules.ts'
import { codecRule } from '../serde/codec.ts'

export const repartitionRules = {
  name: required(
    text('1 to 100 letters, digits, dots, underscores and hyphens that start with a letter or digit', (name) => {
      return /^[A-Za-z0-9][\w.-]{0,99}$/.test(name)
    }),
  ),
  partitions: required(wholeNumber(1, 10_000)),
  key: required(codecRule),
  value: required(codecRule),
}
