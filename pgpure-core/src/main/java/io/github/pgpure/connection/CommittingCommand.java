package io.github.pgpure.connection;

import java.util.regex.Pattern;

/** Tells commands that can commit while they run from everything else. */
final class CommittingCommand {

    /** After white space, comments and empty statements. Others that commit, such as VACUUM, do no harm when they are run again. */
    private static final Pattern CALL_OR_DO = Pattern.compile(
            "(?:[\\s;]|--[^\n\r]*+|/\\*.*?\\*/)*+(?:call|do)\\b", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /** What is done concurrently is left half done when it fails: an index that is not valid, for example. */
    private static final Pattern CONCURRENTLY = Pattern.compile("\\bconcurrently\\b", Pattern.CASE_INSENSITIVE);

    private CommittingCommand() {}

    /** Whether a part of what the command does may stay although it fails: it runs a procedure, or a block of code, or works beside others. */
    static boolean is(String sql) {
        return CALL_OR_DO.matcher(sql).lookingAt() || CONCURRENTLY.matcher(sql).find();
    }
}
