/** Rules of options that are, or become a part of, names of topics. */
import { rule, text } from '../optionRules.ts'
import type { OptionRule } from '../options.ts'
import { isTopicName } from './sink/topicName.ts'

/** Topic to read. */
export const topicRule = text('1 to 249 letters, digits, dots, underscores and hyphens', (name) => {
  return /^[\w.-]{1,249}$/.test(name)
})

/** Topic to write to, or a function that chooses it. */
export const sinkTopicRule: OptionRule = {
  ...rule('the name of a topic that may be written to, or a function that returns it', (topic) => {
    return typeof topic === 'function' || isTopicName(topic)
  }),
  shown: true,
}

/** The ledger topic is named after it. */
export const prefixRule = text('1 to 100 letters, digits, dots, underscores and hyphens', (prefix) => {
  return isTopicName(prefix) && prefix.length <= 100
})
