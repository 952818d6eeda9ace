package io.github.pgpure.connection;

import io.github.pgpure.protocol.SqlText;
import java.util.regex.Pattern;

/** Tells COPY commands from everything else. */
final class CopyCommand {

    private static final String STDIN_OR_STDOUT = "\\b(?:from\\s+stdin|to\\s+stdout)\\b";

    private CopyCommand() {}

    /** Whether it is one, wherever its data come from or go to. */
    static boolean is(String sql) {
        return SqlText.firstWord(sql).equals("copy");
    }

    /** Whether the server would want data for this command, or send some, rather than use a file or program of its own. */
    static boolean needsData(String sql) {
        return is(sql)
                && Pattern.compile(STDIN_OR_STDOUT, Pattern.CASE_INSENSITIVE)
                        .matcher(sql)
                        .find();
    }
}
