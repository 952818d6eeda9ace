package io.github.pgpure;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.SYNCHRONIZED;
import static com.tngtech.archunit.lang.conditions.ArchConditions.haveModifier;
import static com.tngtech.archunit.lang.conditions.ArchConditions.not;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The floors of the house stand on each other and never lean upwards; and a few habits that a reviewer would miss. */
class ArchitectureTests {

    private static final String BASE = "io.github.pgpure";

    /** Each floor with those it may use besides itself and the JDK. */
    private static final Map<String, List<String>> FLOORS = Map.of(
            BASE,
            List.of(),
            floor("protocol"),
            List.of(BASE),
            floor("transport"),
            List.of(BASE),
            floor("convert"),
            List.of(BASE, floor("protocol")),
            floor("row"),
            List.of(BASE, floor("protocol"), floor("transport"), floor("convert")),
            floor("connection"),
            List.of(BASE, floor("protocol"), floor("transport"), floor("convert"), floor("row")),
            floor("pool"),
            List.of(BASE, floor("protocol"), floor("transport"), floor("convert"), floor("row"), floor("connection")));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_JARS)
            .importPackages(BASE);

    @Test
    void houseHasExactlyTheseFloors() {
        Set<String> packages =
                CLASSES.stream().map(JavaClass::getPackageName).collect(Collectors.toCollection(TreeSet::new));
        assertThat(packages).isEqualTo(new TreeSet<>(FLOORS.keySet()));
    }

    @TestFactory
    List<DynamicTest> floorUsesOnlyThoseBelowIt() {
        return FLOORS.entrySet().stream()
                .map(floor -> DynamicTest.dynamicTest(floor.getKey(), () -> {
                    Set<String> allowed = new TreeSet<>(floor.getValue());
                    allowed.add(floor.getKey());
                    noClasses()
                            .that()
                            .resideInAPackage(floor.getKey())
                            .should()
                            .dependOnClassesThat(
                                    ofThisProject().and(DescribedPredicate.not(resideInAnyPackage(array(allowed)))))
                            .because("dependencies point down only")
                            .check(CLASSES);
                }))
                .toList();
    }

    @Test
    void protocolIsSansIo() {
        classes()
                .that()
                .resideInAPackage(floor("protocol"))
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        BASE,
                        floor("protocol"),
                        "java..",
                        "javax.crypto..",
                        "javax.security..",
                        "org.jspecify..",
                        "com.ongres.."))
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage(floor("protocol"))
                .should()
                .dependOnClassesThat(resideInAnyPackage("java.net..", "java.nio.channels..", "java.util.concurrent..")
                        .or(DescribedPredicate.describe(
                                "threads and clocks",
                                type -> type.isAssignableTo(Thread.class)
                                        || type.isAssignableTo(java.time.Clock.class))))
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .because("it can be fuzzed, replayed and scripted without a database")
                .check(CLASSES);
    }

    @Test
    void nothingKnowsJdbcOrSpring() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "java.sql..",
                        "javax.sql..",
                        "org.postgresql..",
                        "org.springframework..",
                        "org.testcontainers.."))
                .check(CLASSES);
    }

    @Test
    void timeIsMonotonicAndNobodySleepsOrSpins() {
        noClasses()
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(Thread.class, "onSpinWait")
                .because("deadlines are System.nanoTime, and waiting is done on a condition or a selector")
                .check(CLASSES);
    }

    @Test
    void noMethodIsSynchronizedAndNothingIsThreadLocal() {
        methods()
                .should(not(haveModifier(SYNCHRONIZED)))
                .because("on JDK 21 to 23 a virtual thread that blocks in one pins its carrier")
                .check(CLASSES);
        noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ThreadLocal.class)
                .check(CLASSES);
    }

    @Test
    void nothingPrints() {
        NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(CLASSES);
    }

    @Test
    void publicClassesAreFinalAbstractOrErrors() {
        classes()
                .that()
                .arePublic()
                .and()
                .areTopLevelClasses()
                .and()
                .areNotInterfaces()
                .and()
                .areNotAssignableTo(Throwable.class)
                .should(haveModifier(JavaModifier.FINAL).or(haveModifier(JavaModifier.ABSTRACT)))
                .because("the API is interfaces and final classes with static factories")
                .check(CLASSES);
    }

    @Test
    void nothingIsNamedForBeingUseful() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .check(CLASSES);
    }

    @Test
    void everyPackageIsNullMarked() {
        Set<String> unmarked = CLASSES.stream()
                .map(JavaClass::getPackage)
                .filter(type -> !isNullMarked(type))
                .map(JavaPackage::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(unmarked)
                .as("packages without @NullMarked in their package-info.java")
                .isEmpty();
    }

    private static boolean isNullMarked(JavaPackage type) {
        return type.isAnnotatedWith(NullMarked.class);
    }

    private static DescribedPredicate<JavaClass> ofThisProject() {
        return resideInAPackage(BASE + "..");
    }

    private static String[] array(Set<String> values) {
        return values.toArray(new String[0]);
    }

    private static String floor(String name) {
        return BASE + "." + name;
    }
}
