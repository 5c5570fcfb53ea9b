package rxweft.flink;

import org.apache.flink.runtime.event.WatermarkEvent;
import org.apache.flink.streaming.runtime.io.PushingAsyncDataInput;
import org.apache.flink.streaming.runtime.streamrecord.LatencyMarker;
import org.apache.flink.streaming.runtime.streamrecord.RecordAttributes;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** Flink's DataOutput without what no scenario uses. Records are left to whoever cares. */
interface DataOutput<T> extends PushingAsyncDataInput.DataOutput<T> {
  @Override
  default void emitRecord(StreamRecord<T> record) {}

  @Override
  default void emitLatencyMarker(LatencyMarker marker) {}

  @Override
  default void emitRecordAttributes(RecordAttributes attributes) {}

  @Override
  default void emitWatermark(WatermarkEvent watermark) {}
}
