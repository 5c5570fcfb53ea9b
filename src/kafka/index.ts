/** rxweft/kafka: source, sink and cluster for Apache Kafka. */

export type { Timestamps } from '../sinks/writtenTimestamp.ts'
export type { Compression } from './batch/compression.ts'
export { type KafkaCluster, type KafkaClusterConfig, kafkaCluster } from './cluster.ts'
export { type KafkaTopicOptions, kafkaTopic } from './repartition/kafkaRepartition.ts'
export { type KafkaSinkOptions, kafkaSink } from './sink/kafkaSink.ts'
export { type KafkaSourceOptions, kafkaSource } from './source/kafkaSource.ts'
export type { StartFrom } from './source/startOffsets.ts'
