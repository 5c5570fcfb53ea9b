package rxweft.flink;

import java.util.List;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;

/** One operator in its harness. A restore needs a new one. */
interface Stage {
  AbstractStreamOperatorTestHarness<String> harness();

  /** One for each input of the operator: how many channels end there. Two streams that were united end in one input. */
  int[] channels();

  /** @param from the input as the scenario counts them: over the channels of all inputs */
  void element(int from, JsonNode event) throws Exception;

  void watermark(int input, Watermark watermark) throws Exception;

  void status(int input, WatermarkStatus status) throws Exception;

  /** Where late records go, by input of the scenario; empty where they are dropped. */
  List<OutputTag<Tuple3<String, Long, Boolean>>> late();
}
