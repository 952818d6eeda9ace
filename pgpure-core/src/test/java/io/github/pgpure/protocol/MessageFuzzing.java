package io.github.pgpure.protocol;

import static io.github.pgpure.test.BackendMessages.message;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgAuthenticationException;
import io.github.pgpure.PgException;
import io.github.pgpure.PgProtocolException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.ServerMessage;
import io.github.pgpure.protocol.BackendMessage.ErrorResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;

/** Targets for coverage-guided fuzzing: what any server can say, message by message and in an authentication. */
class MessageFuzzing {

    private static final String PASSWORD = "sesame-4711";

    /** Any bytes are messages or a {@link PgProtocolException}, and it makes no difference in which pieces they arrive. */
    @FuzzTest
    void frames(byte[] input) {
        if (input.length < 1) {
            return;
        }
        byte[] bytes = Arrays.copyOfRange(input, 1, input.length);
        boolean established = input[0] < 0;
        List<String> whole = decode(bytes, Integer.MAX_VALUE, established);
        List<String> pieces = decode(bytes, 1 + (input[0] & 0x7f) % 13, established);
        if (!whole.equals(pieces)) {
            throw new AssertionError("whole: " + whole + ", in pieces: " + pieces);
        }
    }

    private static List<String> decode(byte[] bytes, int largest, boolean established) {
        var decoder = new BackendDecoder();
        if (established) {
            decoder.established();
        }
        List<String> messages = new ArrayList<>();
        try {
            for (int at = 0; at < bytes.length; ) {
                ByteBuffer free = decoder.free();
                if (!free.hasRemaining()) {
                    throw new AssertionError("no room");
                }
                int count = Math.min(free.remaining(), Math.min(largest, bytes.length - at));
                free.put(bytes, at, count);
                decoder.received();
                at += count;
                for (BackendMessage message = decoder.next(); message != null; message = decoder.next()) {
                    messages.add(BackendDecoderFuzzTests.describe(message));
                }
            }
        } catch (PgProtocolException e) {
            messages.add("violation: " + e.getMessage());
        }
        return messages;
    }

    /** Any fields make an exception with an outcome and a text, which leaves out what may be data of the application. */
    @FuzzTest
    void errorResponse(byte[] body) {
        var decoder = new BackendDecoder();
        byte[] bytes = message('E', body);
        BackendMessage decoded = null;
        try {
            for (int at = 0; at < bytes.length && decoded == null; ) {
                ByteBuffer free = decoder.free();
                int count = Math.min(free.remaining(), bytes.length - at);
                free.put(bytes, at, count);
                decoder.received();
                at += count;
                decoded = decoder.next();
            }
        } catch (PgProtocolException expected) {
            return;
        }
        ServerMessage error = ((ErrorResponse) decoded).error();
        String text = text(error);
        if (text.isEmpty() || !text.equals(text(withoutDetail(error)))) {
            throw new AssertionError("the detail is shown: " + text);
        }
    }

    private static String text(ServerMessage error) {
        PgServerException exception = PgServerException.of(error, Outcome.ROLLED_BACK);
        if (exception.outcome() != Outcome.ROLLED_BACK) {
            throw new AssertionError(exception.outcome());
        }
        return exception.getMessage() + "\n" + exception + "\n" + exception.isRecoverable() + "\n"
                + exception.position();
    }

    private static ServerMessage withoutDetail(ServerMessage error) {
        var fields = new HashMap<>(error.fields());
        fields.remove('D');
        return new ServerMessage(fields);
    }

    /**
     * A server that does not know the password never gets through, whatever it says; it says three things, each up to a zero byte: the
     * mechanisms, its first message and its last one. An {@code @} in the first message becomes the client's nonce.
     */
    @FuzzTest
    void scram(byte[] input) {
        String[] parts = new String(input, StandardCharsets.UTF_8).split("\0", 3);
        if (parts.length < 3 || new String(input, StandardCharsets.UTF_8).contains(PASSWORD)) {
            return; // what the server says may be shown, and a fuzzer guesses well
        }
        var authentication = new Authentication("ada", PASSWORD, parts[0].isEmpty() ? null : new byte[] {1, 2, 3});
        String nonce = "";
        try {
            var initial =
                    authentication.sasl(List.of(parts[0].isEmpty() ? "SCRAM-SHA-256" : parts[0], "SCRAM-SHA-256"));
            String first = new String(initial.data(), StandardCharsets.UTF_8);
            nonce = first.substring(first.indexOf(",r=") + 3);
            // Thousands of iterations would only keep the fuzzer busy.
            String serverFirst = parts[1].replace("@", nonce).replaceAll("i=\\d{3,6}(?!\\d)", "i=99");
            authentication.saslContinue(serverFirst.getBytes(StandardCharsets.UTF_8));
            authentication.saslFinal(parts[2].getBytes(StandardCharsets.UTF_8));
            authentication.ok();
        } catch (PgAuthenticationException | PgProtocolException expected) {
            secret(expected);
            return;
        }
        throw new AssertionError("a server that does not know the password was believed");
    }

    private static void secret(PgException exception) {
        if (exception.getMessage().contains(PASSWORD)) {
            throw new AssertionError("the password is shown", exception);
        }
    }
}
