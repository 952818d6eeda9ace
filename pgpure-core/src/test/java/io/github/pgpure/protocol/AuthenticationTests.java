package io.github.pgpure.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgAuthenticationException;
import io.github.pgpure.PgProtocolException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthenticationTests {

    private static final String PASSWORD = "sesame-4711";
    private static final byte[] END_POINT = "certificate hash".getBytes(StandardCharsets.US_ASCII);
    private static final List<String> PLAIN = List.of("SCRAM-SHA-256");
    private static final List<String> BOTH = List.of("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256");

    private final ScramServer server = new ScramServer(PASSWORD, 4096);

    @Test
    void trustNeedsNothing() {
        new Authentication("ada", null, null).ok();
    }

    @Test
    void cleartextPasswordIsThePassword() {
        var authentication = new Authentication("ada", PASSWORD, null);
        assertThat(authentication.cleartextPassword()).isEqualTo(PASSWORD);
        authentication.ok();
    }

    /** Expected values computed with PostgreSQL's rule by md5sum. */
    @Test
    void md5PasswordIsHashedWithUserAndSalt() {
        var authentication = new Authentication("ada", "pass", null);
        assertThat(authentication.md5Password(new byte[] {1, 2, 3, 4}))
                .isEqualTo("md541e7783aad1ed279745ebd11ab6874d7");
        authentication.ok();
    }

    @Test
    void md5PasswordOfNonAsciiIsHashedInUtf8() {
        assertThat(new Authentication("zoë", "schlüssel", null).md5Password(new byte[] {-1, 0, 127, -128}))
                .isEqualTo("md51d8073eece3dc7eba5b2e8e440337c21");
    }

    @ParameterizedTest
    @NullAndEmptySource
    void missingPasswordIsReportedBeforeAnythingIsSent(String none) {
        assertRefused(() -> new Authentication("ada", none, null).cleartextPassword(), "none is configured", "\"ada\"");
        assertRefused(() -> new Authentication("ada", none, null).md5Password(new byte[4]), "none is configured");
        assertRefused(() -> new Authentication("ada", none, null).sasl(PLAIN), "none is configured");
    }

    @ParameterizedTest
    @ValueSource(strings = {PASSWORD, "pässwörd", "with space", "=,=2C", "\u00a0\u00ad!"})
    void scramProvesBothSides(String password) {
        // SASLprep maps U+00A0 to a space and U+00AD to nothing.
        var scramServer = new ScramServer(password.replace('\u00a0', ' ').replace("\u00ad", ""), 4096);
        var authentication = new Authentication("ada", password, null);
        var initial = authentication.sasl(PLAIN);
        assertThat(initial.mechanism()).isEqualTo("SCRAM-SHA-256");
        assertThat(text(initial.data())).startsWith("n,,n=*,r=");
        byte[] clientFinal = authentication.saslContinue(scramServer.first(initial.data()));
        authentication.saslFinal(scramServer.last(clientFinal, new byte[0]));
        authentication.ok();
    }

    @Test
    void noncesDiffer() {
        assertThat(new Authentication("ada", PASSWORD, null).sasl(PLAIN).data())
                .isNotEqualTo(
                        new Authentication("ada", PASSWORD, null).sasl(PLAIN).data());
    }

    @Test
    void scramPlusBindsToTheCertificate() {
        var authentication = new Authentication("ada", PASSWORD, END_POINT);
        var initial = authentication.sasl(BOTH);
        assertThat(initial.mechanism()).isEqualTo("SCRAM-SHA-256-PLUS");
        assertThat(text(initial.data())).startsWith("p=tls-server-end-point,,");
        byte[] clientFinal = authentication.saslContinue(server.first(initial.data()));
        authentication.saslFinal(server.last(clientFinal, END_POINT));
        authentication.ok();
    }

    @Test
    void scramPlusWithAnotherCertificateIsRefused() {
        var authentication = new Authentication("ada", PASSWORD, END_POINT);
        byte[] clientFinal = authentication.saslContinue(
                server.first(authentication.sasl(BOTH).data()));
        byte[] answer = server.last(clientFinal, new byte[] {1, 2, 3});
        assertRefused(() -> authentication.saslFinal(answer), "channel-bindings-dont-match");
    }

    @Test
    void scramSaysThatItCouldBindWhereTheServerDoesNotOfferIt() {
        var initial = new Authentication("ada", PASSWORD, END_POINT).sasl(PLAIN);
        assertThat(initial.mechanism()).isEqualTo("SCRAM-SHA-256");
        assertThat(text(initial.data())).startsWith("y,,");
    }

    @Test
    void scramDoesWithoutBindingWhereThereIsNoCertificate() {
        var initial = new Authentication("ada", PASSWORD, null).sasl(BOTH);
        assertThat(initial.mechanism()).isEqualTo("SCRAM-SHA-256");
        assertThat(text(initial.data())).startsWith("n,,");
        assertThat(text(new Authentication("ada", PASSWORD, new byte[0])
                        .sasl(BOTH)
                        .data()))
                .startsWith("n,,");
    }

    @Test
    void plusAloneWithoutTlsIsRefused() {
        assertRefused(
                () -> new Authentication("ada", PASSWORD, null).sasl(List.of("SCRAM-SHA-256-PLUS")),
                "SCRAM-SHA-256-PLUS",
                "sslmode=require");
    }

    @Test
    void unknownMechanismsAreNamed() {
        assertRefused(
                () -> new Authentication("ada", PASSWORD, null).sasl(List.of("OAUTHBEARER", "SCRAM-SHA-1")),
                "OAUTHBEARER",
                "SCRAM-SHA-1",
                "scram-sha-256");
        assertRefused(() -> new Authentication("ada", PASSWORD, null).sasl(List.of()), "[]");
    }

    @Test
    void wrongServerSignatureIsRefused() {
        var authentication = new Authentication("ada", PASSWORD, null);
        byte[] clientFinal = authentication.saslContinue(
                server.first(authentication.sasl(PLAIN).data()));
        byte[] answer = server.last(clientFinal, new byte[0]);
        answer[5] = (byte) (answer[5] == 'A' ? 'B' : 'A');
        assertRefused(() -> authentication.saslFinal(answer), "could not prove that it knows the password");
        assertRefused(authentication::ok, "without proving");
    }

    @Test
    void madeUpServerSignatureIsRefused() {
        var authentication = new Authentication("ada", PASSWORD, null);
        authentication.saslContinue(server.first(authentication.sasl(PLAIN).data()));
        assertRefused(
                () -> authentication.saslFinal(bytes("v=" + "A".repeat(43) + "=")),
                "could not prove that it knows the password");
        assertRefused(authentication::ok, "without proving");
    }

    @Test
    void okWithoutTheServersProofIsRefused() {
        var begun = new Authentication("ada", PASSWORD, null);
        var initial = begun.sasl(PLAIN);
        assertRefused(begun::ok, "without proving", "\"ada\"");

        begun.saslContinue(server.first(initial.data()));
        assertRefused(begun::ok, "without proving");
    }

    @ParameterizedTest
    @ValueSource(strings = {"600001", "10000000", "2147483647"})
    void hugeIterationCountIsRefusedAtOnce(String iterations) {
        var authentication = new Authentication("ada", PASSWORD, null);
        String clientNonce = nonce(authentication.sasl(PLAIN));
        byte[] first = server.first(clientNonce + "x", "c2FsdHNhbHQ=", iterations);
        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(2),
                () -> assertRefused(() -> authentication.saslContinue(first), iterations, "limit of 600000"));
    }

    @Test
    void mostIterationsAllowedAreDone() {
        var slow = new ScramServer(PASSWORD, ScramSha256.MAX_ITERATIONS);
        var authentication = new Authentication("ada", PASSWORD, null);
        byte[] clientFinal = authentication.saslContinue(
                slow.first(authentication.sasl(PLAIN).data()));
        authentication.saslFinal(slow.last(clientFinal, new byte[0]));
        authentication.ok();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "2147483648", "x", ""})
    void badIterationCountIsRefused(String iterations) {
        var authentication = new Authentication("ada", PASSWORD, null);
        String clientNonce = nonce(authentication.sasl(PLAIN));
        assertRefused(
                () -> authentication.saslContinue(server.first(clientNonce + "x", "c2FsdHNhbHQ=", iterations)),
                "first SCRAM message");
    }

    @Test
    void nonceThatDoesNotContinueOursIsRefused() {
        var other = new Authentication("ada", PASSWORD, null);
        other.sasl(PLAIN);
        assertRefused(
                () -> other.saslContinue(server.first("someOtherNonce", "c2FsdHNhbHQ=", "4096")),
                "first SCRAM message");

        var nothingAdded = new Authentication("ada", PASSWORD, null);
        String clientNonce = nonce(nothingAdded.sasl(PLAIN));
        assertRefused(
                () -> nothingAdded.saslContinue(server.first(clientNonce, "c2FsdHNhbHQ=", "4096")),
                "first SCRAM message");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                "r=",
                "garbage",
                "r=NONCEx",
                "r=NONCEx,s=,i=4096",
                "r=NONCEx,s=%%%,i=4096",
                "m=x,r=NONCEx,s=AA==,i=1"
            })
    void malformedFirstMessageIsRefused(String message) {
        var authentication = new Authentication("ada", PASSWORD, null);
        String first = message.replace("NONCE", nonce(authentication.sasl(PLAIN)));
        assertRefused(() -> authentication.saslContinue(bytes(first)), "first SCRAM message");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "v=", "v", "garbage", "v=%%%", "v=AAAA", "x=y"})
    void malformedFinalMessageIsRefused(String message) {
        var authentication = new Authentication("ada", PASSWORD, null);
        authentication.saslContinue(server.first(authentication.sasl(PLAIN).data()));
        assertRefused(() -> authentication.saslFinal(bytes(message)), "");
        assertRefused(authentication::ok, "without proving");
    }

    @Test
    void damagedMessagesNeverPassAndNeverFailOtherwise() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            var authentication = new Authentication("ada", PASSWORD, null);
            byte[] first = server.first(nonce(authentication.sasl(PLAIN)) + "x", "c2FsdHNhbHQ=", "2");
            byte[] last = bytes("v=" + "A".repeat(43) + "=");
            boolean inFirst = random.nextBoolean();
            assertThatExceptionOfType(PgAuthenticationException.class)
                    .as("seed %d, round %d", seed, i)
                    .isThrownBy(() -> {
                        authentication.saslContinue(inFirst ? damage(first, random) : first);
                        authentication.saslFinal(inFirst ? last : damage(last, random));
                    });
            assertRefused(authentication::ok, "without proving");
        }
    }

    @Test
    void messagesOutOfTurnAreRefused() {
        var none = new Authentication("ada", PASSWORD, null);
        assertDesync(() -> none.saslContinue(new byte[0]), "AuthenticationSASLContinue");
        assertDesync(() -> none.saslFinal(new byte[0]), "AuthenticationSASLFinal");

        var early = new Authentication("ada", PASSWORD, null);
        early.sasl(PLAIN);
        assertDesync(() -> early.saslFinal(bytes("v=AAAA")), "out of turn");

        var twice = new Authentication("ada", PASSWORD, null);
        byte[] first = server.first(twice.sasl(PLAIN).data());
        twice.saslContinue(first);
        assertDesync(() -> twice.saslContinue(first), "out of turn");
    }

    @Test
    void secondMethodIsRefused() {
        var authentication = new Authentication("ada", PASSWORD, null);
        authentication.sasl(PLAIN);
        assertDesync(authentication::cleartextPassword, "a cleartext password after it had asked for SASL");
        assertDesync(() -> authentication.md5Password(new byte[4]), "already");
        assertDesync(() -> authentication.sasl(PLAIN), "already");
    }

    @Test
    void unsupportedMethodIsNamed() {
        assertThat(new Authentication("ada", PASSWORD, null).unsupported("GSSAPI"))
                .hasMessageContaining("GSSAPI")
                .hasMessageContaining("pg_hba.conf");
    }

    @Test
    void toStringShowsNoPassword() {
        assertThat(new Authentication("ada", PASSWORD, null)).asString().doesNotContain(PASSWORD);
    }

    private static void assertRefused(ThrowingCallable call, String... parts) {
        assertThatExceptionOfType(PgAuthenticationException.class)
                .isThrownBy(call)
                .satisfies(e -> {
                    assertThat(e.getMessage()).contains(parts).doesNotContain(PASSWORD);
                    assertThat(e.outcome()).isEqualTo(Outcome.NOT_SENT);
                });
    }

    private static void assertDesync(ThrowingCallable call, String part) {
        assertThatExceptionOfType(PgProtocolException.class).isThrownBy(call).withMessageContaining(part);
    }

    private static byte[] damage(byte[] message, Random random) {
        byte[] damaged = Arrays.copyOf(message, random.nextInt(message.length + 4));
        for (int n = random.nextInt(4); n > 0 && damaged.length > 0; n--) {
            damaged[random.nextInt(damaged.length)] = (byte) ",=rsiev0".charAt(random.nextInt(8));
        }
        return damaged;
    }

    private static String nonce(Authentication.InitialResponse initial) {
        String message = text(initial.data());
        return message.substring(message.indexOf(",r=") + 3);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
