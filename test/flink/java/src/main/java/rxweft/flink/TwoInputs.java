package rxweft.flink;

import java.util.List;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.streaming.api.functions.co.ProcessJoinFunction;
import org.apache.flink.streaming.api.operators.co.IntervalJoinOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** An operator with two inputs, each of which has its own valve; the operator itself takes the lower of both watermarks. */
record TwoInputs(
    KeyedTwoInputStreamOperatorTestHarness<
            String, Tuple3<String, Long, Boolean>, Tuple3<String, Long, Boolean>, String>
        harness,
    List<OutputTag<Tuple3<String, Long, Boolean>>> late)
    implements Stage {

  static Stage intervalJoin(JsonNode operator) throws Exception {
    var late = List.of(new OutputTag<>("left", Element.type), new OutputTag<>("right", Element.type));
    boolean keeps = operator.get("lateOutput").asBoolean();
    var serializer = Element.type.createSerializer(new SerializerConfigImpl());
    var join =
        new IntervalJoinOperator<String, Tuple3<String, Long, Boolean>, Tuple3<String, Long, Boolean>, String>(
            operator.get("lower").longValue(),
            operator.get("upper").longValue(),
            operator.get("lowerInclusive").asBoolean(),
            operator.get("upperInclusive").asBoolean(),
            keeps ? late.get(0) : null,
            keeps ? late.get(1) : null,
            serializer,
            serializer,
            new Pairs());
    var harness = new KeyedTwoInputStreamOperatorTestHarness<>(join, Element.key(), Element.key(), Types.STRING);
    return new TwoInputs(harness, keeps ? late : List.of());
  }

  @Override
  public int[] channels() {
    return new int[] {1, 1};
  }

  @Override
  public void element(int from, JsonNode event) throws Exception {
    long timestamp = event.get("timestamp").longValue();
    if (from == 0) harness.processElement1(Element.of(event), timestamp);
    else harness.processElement2(Element.of(event), timestamp);
  }

  @Override
  public void watermark(int input, Watermark watermark) throws Exception {
    if (input == 0) harness.processWatermark1(watermark);
    else harness.processWatermark2(watermark);
  }

  @Override
  public void status(int input, WatermarkStatus status) throws Exception {
    if (input == 0) harness.processWatermarkStatus1(status);
    else harness.processWatermarkStatus2(status);
  }

  private static final class Pairs
      extends ProcessJoinFunction<Tuple3<String, Long, Boolean>, Tuple3<String, Long, Boolean>, String> {
    @Override
    public void processElement(
        Tuple3<String, Long, Boolean> left, Tuple3<String, Long, Boolean> right, Context context, Collector<String> out) {
      out.collect(WindowJoin.pair(left, right));
    }
  }
}
