package io.github.pgpure.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.AcquireTimeoutException;
import io.github.pgpure.ConversionException;
import io.github.pgpure.MissingRowException;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgAuthenticationException;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgException;
import io.github.pgpure.PgProtocolException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.ServerMessage;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.EmptyResultDataAccessException;
import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.dao.InvalidDataAccessResourceUsageException;
import org.springframework.dao.PermissionDeniedDataAccessException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.dao.TypeMismatchDataAccessException;

class PgExceptionTranslatorTests {

    static Stream<Arguments> sqlStates() {
        return Stream.of(
                Arguments.of("23505", DuplicateKeyException.class),
                Arguments.of("23503", DataIntegrityViolationException.class),
                Arguments.of("23502", DataIntegrityViolationException.class),
                Arguments.of("22003", DataIntegrityViolationException.class),
                Arguments.of("27000", DataIntegrityViolationException.class),
                Arguments.of("44000", DataIntegrityViolationException.class),
                Arguments.of("42601", InvalidDataAccessResourceUsageException.class),
                Arguments.of("42P01", InvalidDataAccessResourceUsageException.class),
                Arguments.of("21000", InvalidDataAccessResourceUsageException.class),
                Arguments.of("42501", PermissionDeniedDataAccessException.class),
                Arguments.of("28P01", PermissionDeniedDataAccessException.class),
                Arguments.of("28000", PermissionDeniedDataAccessException.class),
                Arguments.of("40001", CannotAcquireLockException.class),
                Arguments.of("55P03", CannotAcquireLockException.class),
                Arguments.of("40P01", PessimisticLockingFailureException.class),
                Arguments.of("40000", PessimisticLockingFailureException.class),
                Arguments.of("57014", QueryTimeoutException.class),
                Arguments.of("08006", DataAccessResourceFailureException.class),
                Arguments.of("53300", DataAccessResourceFailureException.class),
                Arguments.of("54000", DataAccessResourceFailureException.class),
                Arguments.of("57P01", DataAccessResourceFailureException.class),
                Arguments.of("58030", DataAccessResourceFailureException.class),
                Arguments.of("0A000", InvalidDataAccessApiUsageException.class),
                Arguments.of("25006", InvalidDataAccessApiUsageException.class),
                Arguments.of("P0001", UncategorizedPgException.class),
                Arguments.of("XX000", UncategorizedPgException.class));
    }

    @ParameterizedTest
    @MethodSource("sqlStates")
    void translatesBySqlState(String sqlState, Class<? extends DataAccessException> expected) {
        PgServerException error = PgServerException.of(
                new ServerMessage(Map.of('V', "ERROR", 'C', sqlState, 'M', "the message")), Outcome.ROLLED_BACK);

        DataAccessException translated = PgExceptionTranslator.translate("[select 1]", error);

        assertThat(translated).isExactlyInstanceOf(expected).hasCause(error);
        assertThat(translated.getMessage()).startsWith("[select 1]: ").contains("the message");
    }

    static Stream<Arguments> clientErrors() {
        return Stream.of(
                Arguments.of(new AcquireTimeoutException("x", null), DataAccessResourceFailureException.class),
                Arguments.of(
                        new PgConnectionException("x", Outcome.UNKNOWN, null),
                        DataAccessResourceFailureException.class),
                Arguments.of(new PgAuthenticationException("x", null), DataAccessResourceFailureException.class),
                Arguments.of(new PgProtocolException("x"), DataAccessResourceFailureException.class),
                Arguments.of(
                        new io.github.pgpure.QueryTimeoutException("x", Outcome.ROLLED_BACK, null),
                        QueryTimeoutException.class),
                Arguments.of(new MissingRowException("x"), EmptyResultDataAccessException.class),
                Arguments.of(
                        new ConversionException("x", Outcome.NOT_SENT, null), InvalidDataAccessApiUsageException.class),
                Arguments.of(
                        new ConversionException("x", Outcome.UNKNOWN, null), TypeMismatchDataAccessException.class),
                Arguments.of(new PgException("x", Outcome.UNKNOWN, null), UncategorizedPgException.class));
    }

    @ParameterizedTest
    @MethodSource("clientErrors")
    void translatesErrorsOfTheClient(PgException error, Class<? extends DataAccessException> expected) {
        assertThat(new PgExceptionTranslator().translateExceptionIfPossible(error))
                .isExactlyInstanceOf(expected)
                .hasCause(error)
                .hasMessage("x");
    }

    @ParameterizedTest
    @CsvSource({"''", "'2'"})
    void survivesAnSqlStateThatIsNone(String sqlState) {
        var error = new PgServerException(new ServerMessage(Map.of('C', sqlState, 'M', "m")), Outcome.UNKNOWN);

        assertThat(PgExceptionTranslator.translate(null, error)).isExactlyInstanceOf(UncategorizedPgException.class);
    }

    @Test
    void leavesOtherExceptionsAlone() {
        assertThat(new PgExceptionTranslator().translateExceptionIfPossible(new IllegalStateException("x")))
                .isNull();
    }
}
