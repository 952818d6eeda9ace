package io.github.pgpure.connection;

import java.util.regex.Pattern;

/** Tells COPY commands that exchange data with the client from everything else. */
final class CopyCommand {

    private static final int FLAGS = Pattern.CASE_INSENSITIVE | Pattern.DOTALL;

    /** The command's name after white space and comments; comments in comments are beyond it, and beyond anybody. */
    private static final Pattern COPY = Pattern.compile("(?:\\s|--[^\n]*+\n|/\\*.*?\\*/)*+copy\\b", FLAGS);

    private static final Pattern STDIN_OR_STDOUT = Pattern.compile("\\b(?:from\\s+stdin|to\\s+stdout)\\b", FLAGS);

    private CopyCommand() {}

    /** Whether the server would want data for this command, or send some, rather than use a file or program of its own. */
    static boolean needsData(String sql) {
        return COPY.matcher(sql).lookingAt() && STDIN_OR_STDOUT.matcher(sql).find();
    }
}
