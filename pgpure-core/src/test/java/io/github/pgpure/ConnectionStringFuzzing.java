package io.github.pgpure;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** A target for coverage-guided fuzzing: connection strings, in both forms. */
class ConnectionStringFuzzing {

    private static final String URI = "postgresql://";
    private static final String PASSWORD = "Sesame%3F4711";

    /** Any text makes options or an {@link IllegalArgumentException} that says what is wrong, and no text shows a password. */
    @FuzzTest
    void connectionString(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8);
        if (text.contains("11")) {
            return; // the fuzzer has seen the password and writes it itself
        }
        parse(text);
        if (text.startsWith(URI)) {
            parse(URI + "ada:" + PASSWORD + "@" + text.substring(URI.length()));
        } else {
            parse("password='" + PASSWORD + "' " + text);
        }
    }

    private static void parse(String text) {
        String shown;
        try {
            shown = PgConnectOptions.parse(text).toString();
        } catch (IllegalArgumentException e) {
            shown = String.valueOf(e.getMessage());
            if (shown.isEmpty() || shown.equals("null")) {
                throw new AssertionError("an error without a message", e);
            }
        }
        if (shown.contains("4711")) {
            throw new AssertionError("the password is shown: " + shown);
        }
    }
}
