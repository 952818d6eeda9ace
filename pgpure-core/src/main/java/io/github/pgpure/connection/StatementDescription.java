package io.github.pgpure.connection;

import io.github.pgpure.Column;
import io.github.pgpure.PgProtocolException;
import io.github.pgpure.protocol.BackendMessage;
import io.github.pgpure.protocol.BackendMessage.CloseComplete;
import io.github.pgpure.protocol.BackendMessage.NoData;
import io.github.pgpure.protocol.BackendMessage.ParameterDescription;
import io.github.pgpure.protocol.BackendMessage.ParseComplete;
import io.github.pgpure.protocol.BackendMessage.RowDescription;
import io.github.pgpure.protocol.ParsedSql;
import java.util.List;

/** Takes the answers to one Parse and Describe. */
final class StatementDescription implements AnswerTaker {

    private int[] parameterTypes = new int[0];
    private List<Column> columns = List.of();
    private boolean parsed;
    private boolean described;

    @Override
    public void take(BackendMessage message, Wire wire) {
        if (message instanceof ParseComplete) {
            parsed = true;
        } else if (message instanceof ParameterDescription parameters) {
            described = true;
            parameterTypes = parameters.typeOids();
        } else if (message instanceof RowDescription rows) {
            columns = rows.columns();
        } else if (!(message instanceof NoData || message instanceof CloseComplete)) {
            throw Replies.unexpected(message, "the preparation of a statement");
        }
    }

    /** Whether the server has the statement, even if it could not be described. */
    boolean isParsed() {
        return parsed;
    }

    /** The statement, when all answers have come and none was an error. */
    Statement statement(String name, String sql, ParsedSql parsed) {
        if (!described) {
            throw new PgProtocolException("the server ended the preparation of a statement without describing it");
        }
        return new Statement(name, sql, parsed, parameterTypes, columns);
    }
}
