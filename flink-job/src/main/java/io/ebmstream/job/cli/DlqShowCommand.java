package io.ebmstream.job.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.schemas.Headers;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm dlq show}. */
@Command(
        name = "show",
        description = "List dead letters: why they were refused and where they came from.")
final class DlqShowCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec private CommandSpec spec;
    @Mixin private DlqOptions letters;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Save the original bytes here, one file each: PARTITION-OFFSET.bin.")
    private Path folder;

    @Option(names = "--json", description = "One JSON object a line, with all headers.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        letters.check();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        PrintWriter out = spec.commandLine().getOut();
        long count =
                letters.forEach(
                        record -> {
                            out.println(json ? json(record) : line(record));
                            save(record);
                        });
        if (!json) {
            out.printf("%,d dead letters%n", count);
        }
        out.flush();
        return ExitCode.OK;
    }

    private void save(ConsumerRecord<byte[], byte[]> record) {
        if (folder == null || record.value() == null) {
            return;
        }
        try {
            Files.write(
                    folder.resolve(record.partition() + "-" + record.offset() + ".bin"),
                    record.value());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String line(ConsumerRecord<byte[], byte[]> record) {
        String omitted = DlqOptions.header(record, Headers.OMITTED_BYTES);
        return String.format(
                "%d-%d from %s %s-%s: %s bytes, %s: %s: %s",
                record.partition(),
                record.offset(),
                DlqOptions.header(record, Headers.TOPIC),
                DlqOptions.header(record, Headers.PARTITION),
                DlqOptions.header(record, Headers.OFFSET),
                omitted.isEmpty()
                        ? String.valueOf(record.value() == null ? 0 : record.value().length)
                        : omitted + " omitted",
                DlqOptions.header(record, Headers.STAGE),
                DlqOptions.header(record, Headers.CLASS),
                DlqOptions.header(record, Headers.MESSAGE));
    }

    private static String json(ConsumerRecord<byte[], byte[]> record) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Header header : record.headers()) {
            headers.put(
                    header.key(),
                    header.value() == null
                            ? ""
                            : new String(header.value(), StandardCharsets.UTF_8));
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("partition", record.partition());
        fields.put("offset", record.offset());
        fields.put("headers", headers);
        fields.put("value", record.value());
        try {
            return JSON.writeValueAsString(fields);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("numbers and text are always JSON", e);
        }
    }
}
