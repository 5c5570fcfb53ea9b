import { required, withMethods } from '../optionRules.ts'
import { optionProblems } from '../options.ts'
import type { KafkaCluster } from './cluster.ts'

const rules = { cluster: required(withMethods('a cluster, such as kafkaCluster({ brokers })', ['connect'])) }

/** Problem of a first argument that is not a cluster, such as the settings of one. */
export function clusterProblems(cluster: KafkaCluster): readonly string[] {
  return optionProblems({ cluster }, rules)
}
