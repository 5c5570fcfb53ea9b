package rxweft.flink;

import java.util.List;
import java.util.function.BiFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.operators.SimpleOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperatorFactory;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;
import org.apache.flink.util.TaggedUnion;

/** An operator with one input. Its channels may come from several streams: a window join is a window over the union of two. */
record OneInput<IN>(
    KeyedOneInputStreamOperatorTestHarness<String, IN, String> harness,
    int streams,
    BiFunction<Integer, Tuple3<String, Long, Boolean>, IN> wrap,
    List<OutputTag<Tuple3<String, Long, Boolean>>> late)
    implements Stage {

  static Stage window(JsonNode operator) throws Exception {
    var factory = SimpleOperatorFactory.of(WindowOperators.window(operator));
    var late = WindowOperators.late(operator);
    return new OneInput<>(harness(factory, Element.key()), 1, (from, element) -> element, late);
  }

  static Stage windowJoin(JsonNode operator) throws Exception {
    var join = WindowJoin.transformation(operator);
    return new OneInput<>(
        harness(join.getOperatorFactory(), WindowJoin.key(join)),
        2,
        (from, element) -> from == 0 ? TaggedUnion.one(element) : TaggedUnion.two(element),
        List.of());
  }

  static Stage eventTimers(JsonNode operator) throws Exception {
    var timers = new KeyedProcessOperator<>(new EventTimers(operator));
    return new OneInput<>(harness(SimpleOperatorFactory.of(timers), Element.key()), 1, (from, element) -> element, List.of());
  }

  private static <IN> KeyedOneInputStreamOperatorTestHarness<String, IN, String> harness(
      StreamOperatorFactory<String> factory, KeySelector<IN, String> key) throws Exception {
    return new KeyedOneInputStreamOperatorTestHarness<>(factory, key, Types.STRING);
  }

  @Override
  public int[] channels() {
    return new int[] {streams};
  }

  @Override
  public void element(int from, JsonNode event) throws Exception {
    harness.processElement(wrap.apply(from, Element.of(event)), event.get("timestamp").longValue());
  }

  @Override
  public void watermark(int input, Watermark watermark) throws Exception {
    harness.processWatermark(watermark);
  }

  @Override
  public void status(int input, WatermarkStatus status) throws Exception {
    harness.processWatermarkStatus(status);
  }
}
