package rxweft.bench;

import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** What Flink's operators hand on: a text and where it came from. A POJO in Flink's sense, so that Flink knows how to write it. */
public final class Line {
  public int partition;
  public byte[] key;
  public String text;

  public Line() {}

  private Line(int partition, byte[] key, String text) {
    this.partition = partition;
    this.key = key;
    this.text = text;
  }

  Line toUpperCase() {
    return new Line(partition, key, text.toUpperCase());
  }

  static final class Deserializer implements KafkaRecordDeserializationSchema<Line> {
    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Line> out) {
      out.collect(new Line(record.partition(), record.key(), new String(record.value(), StandardCharsets.UTF_8)));
    }

    @Override
    public TypeInformation<Line> getProducedType() {
      return TypeInformation.of(Line.class);
    }
  }

  static final class Serializer implements KafkaRecordSerializationSchema<Line> {
    private final String topic;

    Serializer(String topic) {
      this.topic = topic;
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(Line line, KafkaSinkContext context, Long timestamp) {
      return new ProducerRecord<>(topic, line.partition, line.key, line.text.getBytes(StandardCharsets.UTF_8));
    }
  }
}
