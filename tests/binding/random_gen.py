"""Write a random interface and the C that sends all its messages: random_gen.py SEED FOLDER [NAME]

FOLDER/stubs/NAME.if is the interface (rnd), FOLDER/driver.c what random_main.c and apps/bindrandom include: for each
type and each half of a message functions that make, compare and free values, and for each half one that sends it and
one that receives it.  SEED 0 is not random: each type in each position.
"""
import pathlib
import random
import sys

SCALARS = ["bool", "char", "int", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "intptr",
           "uintptr", "size", "iref", "errval"]
PLAIN_C = {"bool": "bool", "char": "char", "int": "int", "intptr": "intptr_t", "uintptr": "uintptr_t", "size": "size_t",
           "iref": "iref_t", "errval": "err_t", "string": "char *", "cap": "cptr_t", "give_away_cap": "cptr_t"}


class Type:
    """A type: what it is called in the interface, in C, and in the driver."""

    interface = "rnd"

    def __init__(self, name, builtin=False, kind="scalar", size=8):
        self.name, self.kind, self.size = name, kind, size
        self.c = (PLAIN_C.get(name) or f"{name}_t") if builtin else f"{self.interface}_{name}_t"
        self.do = name if builtin else f"{self.interface}_{name}"


class Field:
    def __init__(self, kind, name, dynamic, bound):
        self.type, self.name, self.dynamic, self.bound = kind, name, dynamic, bound
        self.length = f"{name}_n" if dynamic else None

    def idl(self):
        bound = f", {self.bound}" if self.bound else ""
        brackets = f"[{self.length}{bound}]" if self.dynamic else f"[{self.bound}]" if self.bound else ""
        return f"{self.type.name} {self.name}{brackets}"

    def c(self):
        return (f"{self.type.c} *{self.name}; size_t {self.length};" if self.dynamic
                else f"{self.type.c} {self.name};")


class Maker:
    def __init__(self, seed, name="rnd"):
        Type.interface = self.name = name
        self.every = seed == 0
        self.random = random.Random(seed)
        self.types = [Type(name, True) for name in SCALARS] + [Type("string", True, "string")]
        self.caps = [Type("cap", True, "cap"), Type("give_away_cap", True, "cap")]
        self.idl, self.c, self.with_caps = [], [], []

    def pick(self, room):
        return self.random.choice([t for t in self.types if t.size <= room])

    def field(self, name, room, caps):
        kind = self.random.choice(self.caps) if caps and self.random.random() < 0.15 else self.pick(room)
        dynamic = self.random.random() < 0.3
        bound = self.random.choice([None, None, 1, 3, 40]) if dynamic or kind.name == "string" else None
        return Field(kind, name, dynamic, bound)

    def fields(self, count, room, caps=False):
        made = []
        for i in range(count):
            made.append(self.field(f"f{i}", room, caps))
            room -= 16 if made[-1].dynamic else made[-1].type.size
        return made

    def values(self, do, c, fields):
        """make_, same_ and free_ of a struct."""
        make, same, free = [], [], []
        for f in fields:
            v, n, do_it = f"v->{f.name}", f"v->{f.length}", f.type.do
            if f.dynamic:
                make.append(f"{n} = any_count(r, {f.bound or 0}); {v} = heap_alloc({n} * sizeof(*{v}));"
                            f" for (size_t i = 0; i < {n}; i++) make_{do_it}(r, &{v}[i]);")
                same.append(f"if ({n} != w->{f.length}) return false;"
                            f" for (size_t i = 0; i < {n}; i++) if (!same_{do_it}(&{v}[i], &w->{f.name}[i])) return false;")
                free.append(f"for (size_t i = 0; i < {n}; i++) free_{do_it}(&{v}[i], how);"
                            f" if (how != ONLY_CAPS) heap_free({v});")
            else:
                make.append(f"make_bounded(r, &{v}, {f.bound});" if f.bound else f"make_{do_it}(r, &{v});")
                same.append(f"if (!same_{do_it}(&{v}, &w->{f.name})) return false;")
                free.append(f"free_{do_it}(&{v}, how);")
        self.functions(do, c, make, same, free)

    def functions(self, do, c, make, same, free):
        join = "\n    ".join
        self.c.append(f"UNUSED static void make_{do}(uint64_t *r, {c} *v)\n{{\n    (void)r, (void)v;\n    {join(make)}\n}}\n"
                      f"UNUSED static bool same_{do}({c} *v, {c} *w)\n{{\n    (void)v, (void)w;\n    {join(same)}\n    return true;\n}}\n"
                      f"UNUSED static void free_{do}({c} *v, enum how how)\n{{\n    (void)v, (void)how;\n    {join(free)}\n}}\n")

    def struct_type(self, name, fields):
        t = Type(name, kind="struct")
        t.size = sum(16 if f.dynamic else f.type.size for f in fields)
        self.idl.append(f"typedef struct {{ {' '.join(f.idl() + ';' for f in fields)} }} {t.name};")
        self.values(t.do, t.c, fields)
        return t

    def array_type(self, name, of, count):
        t = Type(name, kind="array", size=of.size * count)
        self.idl.append(f"typedef {of.name} {t.name}[{count}];")
        loop = f"for (unsigned i = 0; i < {count}; i++) "
        self.functions(t.do, t.c, [f"{loop}make_{of.do}(r, &(*v)[i]);"],
                       [f"{loop}if (!same_{of.do}(&(*v)[i], &(*w)[i])) return false;"],
                       [f"{loop}free_{of.do}(&(*v)[i], how);"])
        return t

    def enum_type(self, name, count):
        t = Type(name, kind="enum")
        self.idl.append(f"typedef enum {{ {', '.join(f'v{i}' for i in range(count))} }} {t.name};")
        self.functions(t.do, t.c, [f"*v = any(r) % {count};"], ["if (*v != *w) return false;"], [])
        return t

    def renamed_type(self, name, of):
        t = Type(name, kind=of.kind, size=of.size)
        t.do = of.do
        self.idl.append(f"typedef {t.name} {of.name};")
        return t

    def new_type(self, number):
        what = self.random.choice(["struct", "struct", "array", "enum", "renamed"])
        if what == "struct":
            t = self.struct_type(f"s{number}", self.fields(self.random.randint(1, 5), 400))
        elif what == "array":
            t = self.array_type(f"a{number}", self.pick(200), self.random.randint(1, 5))
        elif what == "enum":
            t = self.enum_type(f"e{number}", self.random.randint(1, 9))
        else:
            t = self.renamed_type(f"t{number}", self.pick(400))
        self.types.append(t)

    @staticmethod
    def list(fields, prefix):
        return "".join(f", {prefix}{f.name}" + (f", {prefix}{f.length}" if f.dynamic else "") for f in fields)

    @staticmethod
    def parameters(fields, const=True):
        out = ""
        for f in fields:
            kind = f"{f.type.c} const " if const and f.dynamic else f"{f.type.c} "
            if const and not f.dynamic and f.type.name == "string":
                kind = "const char *"
            if const and not f.dynamic and f.type.kind == "string" and f.type.name != "string":
                kind = "const char *"
            out += f", {kind}{'*' if f.dynamic else ''}{f.name}" + (f", size_t {f.length}" if f.dynamic else "")
        return out

    def half(self, name, fields):
        """A message or a half of an rpc: its struct, what receives it, what sends it."""
        c = f"struct {name}_args"
        self.c.append(f"{c} {{ {' '.join(f.c() for f in fields)} }};\n")
        self.values(name, c, fields)
        copies = "".join(f" memcpy(&got.{f.name}, {'' if f.type.kind == 'array' and not f.dynamic else '&'}{f.name},"
                         f" sizeof(got.{f.name}));" + (f" got.{f.length} = {f.length};" if f.dynamic else "")
                         for f in fields)
        # Fixed arrays are values: what is inside is the handler's, the array itself is not.
        self.c.append(f"static void on_{name}(struct {self.name}_binding *b{self.parameters(fields, False)})\n{{\n"
                      f"    {c} got, want;\n    uint64_t r = expected_seed;\n\n    (void)b;\n   {copies}\n"
                      f"    make_{name}(&r, &want);\n"
                      f"    EXPECT(same_{name}(&want, &got), \"{name} came as it was sent\");\n"
                      f"    free_{name}(&want, ALL);\n    free_{name}(&got, ALL);\n    received++;\n}}\n"
                      f"static {c} sent_{name};\n"
                      f"static err_t send_{name}(struct {self.name}_binding *b, uint64_t seed)\n{{\n    uint64_t r = seed;\n\n"
                      f"    make_{name}(&r, &sent_{name});\n"
                      f"    const err_t err = {self.name}_{name}__tx(b, MKCONT(count_sent, NULL){self.list(fields, f'sent_{name}.')});\n"
                      f"    if (!err_ok(err)) {{\n        free_{name}(&sent_{name}, ALL);\n    }}\n    return err;\n}}\n"
                      f"static void done_{name}(void)\n{{\n    free_{name}(&sent_{name}, SENT);\n}}\n")

    def rpc(self, name, ins, outs):
        error = outs[0] if outs and outs[0].type.name == "errval" and not outs[0].dynamic else None
        results = outs[1:] if error else outs
        args, res = f"struct {name}_call_args", f"struct {name}_response_args"
        out_params = "".join(f", {f.type.c} {'**' if f.dynamic else '' if f.type.kind == 'array' else '*'}{f.name}"
                             + (f", size_t *{f.length}" if f.dynamic else "") for f in results)
        copies = "".join(f" memcpy(&got.{f.name}, {'' if f.type.kind == 'array' and not f.dynamic else '&'}{f.name},"
                         f" sizeof(got.{f.name}));" + (f" got.{f.length} = {f.length};" if f.dynamic else "")
                         for f in ins)
        put = "".join(f" memcpy({f.name}, &all.{f.name}, sizeof(all.{f.name}));"
                      + (f" *{f.length} = all.{f.length};" if f.dynamic else "") for f in results)
        fail = (f"    if (!err_ok(all.{error.name})) {{\n        free_{name}_response(&all, ALL);\n        return all_error;\n"
                "    }\n" if error else "")
        self.c.append(
            f"static {'err_t' if error else 'void'} op_{name}(struct {self.name}_binding *b{self.parameters(ins)}{out_params})\n{{\n"
            f"    {args} got, want;\n    {res} all;\n    const uint64_t seed = expected_seed;\n    uint64_t r = seed;\n\n"
            f"    (void)b;\n    received++;\n   {copies}\n"
            f"    make_{name}_call(&r, &want);\n    EXPECT(same_{name}_call(&want, &got), \"in {name}\");\n"
            f"    free_{name}_call(&want, ALL);\n    free_{name}_call(&got, ONLY_CAPS);\n"
            f"    r = seed + 1;\n    make_{name}_response(&r, &all);\n"
            + (f"    const err_t all_error = all.{error.name};\n" if error else "") + fail +
            f"   {put}\n    keep_{name}(&all);\n{'    return OK;' if error else ''}\n}}\n")
        # The copied capabilities of an answer stay the handler's.
        keep = "".join(self.keep(f) for f in results if f.type.name == "cap")
        self.c.insert(-1, f"static void keep_{name}({res} *v)\n{{\n    (void)v;\n    {keep}\n}}\n")
        res_list = "".join(f", {'' if f.type.kind == 'array' and not f.dynamic else '&'}got.{f.name}"
                           + (f", &got.{f.length}" if f.dynamic else "") for f in results)
        check_error = (f"    if (!err_ok(want.{error.name})) {{\n        EXPECT_EQ(err.trail, want.{error.name}.trail,"
                       f" \"error of {name}\");\n        free_{name}_response(&want, ALL);\n        return;\n    }}\n"
                       f"    got.{error.name} = OK;\n" if error else "")
        self.c.append(
            f"static void call_{name}(struct {self.name}_binding *b, uint64_t seed)\n{{\n    {args} in;\n    {res} got, want;\n"
            f"    struct rpc_future future;\n    uint64_t r = seed;\n\n    make_{name}_call(&r, &in);\n    (void)got;\n"
            f"    err_t err = {self.name}_rpc_{name}_start(b, &future{self.list(ins, 'in.')});\n"
            f"    if (refused(err)) {{\n        free_{name}_call(&in, ALL);\n        return;\n    }}\n"
            f"    run_server(&future);\n"
            f"    err = {self.name}_rpc_{name}_finish(&future, EVENTS_FOREVER{res_list});\n"
            f"    free_{name}_call(&in, SENT);\n    drop_kept();\n"
            f"    if (closed(err)) {{\n        return;\n    }}\n"
            f"    r = seed + 1;\n    make_{name}_response(&r, &want);\n{check_error}"
            f"    EXPECT(err_ok(err), \"{name}: %#lx\", err.trail);\n    if (!err_ok(err)) {{\n        return;\n    }}\n"
            f"    EXPECT(same_{name}_response(&want, &got), \"out {name}\");\n"
            f"    free_{name}_response(&want, ALL);\n    free_{name}_response(&got, ALL);\n}}\n")

    @staticmethod
    def keep(f):
        if f.dynamic:
            return f"for (size_t i = 0; i < v->{f.length}; i++) keep(v->{f.name}[i]);"
        return f"keep(v->{f.name});"

    def add_message(self, kind, name, fields):
        self.idl.append(f"{kind} {name}({', '.join(f.idl() for f in fields)});")
        self.half(name, fields)
        self.halves.append(name)
        self.server_halves.append(name)

    def add_rpc(self, name, ins, outs):
        directed = [f"in {f.idl()}" for f in ins] + [f"out {f.idl()}" for f in outs]
        self.idl.append(f"rpc {name}({', '.join(directed)});")
        self.half(f"{name}_call", ins)
        self.half(f"{name}_response", outs)
        self.rpc(name, ins, outs)
        self.halves.append(f"{name}_call")
        self.rpcs.append(name)
        self.with_caps.append("true" if any(f.type.kind == "cap" for f in outs) else "false")

    def some_of_all(self):
        for i in range(self.random.randint(3, 12)):
            self.new_type(i)
        for i in range(self.random.randint(3, 8)):
            if self.random.random() < 0.5:
                kind = self.random.choice(["message", "call", "response"])
                self.add_message(kind, f"m{i}", self.fields(self.random.randint(0, 6), 2000, True))
            else:
                fields = self.fields(self.random.randint(0, 8), 2000, True)
                cut = self.random.randint(0, len(fields))
                ins, outs = fields[:cut], fields[cut:]
                if outs and self.random.random() < 0.4:
                    outs.insert(0, Field(self.types[SCALARS.index("errval")], "err", False, None))
                self.add_rpc(f"m{i}", ins, outs)

    @staticmethod
    def alone_and_in_arrays(of, prefix):
        """A value, a string with a bound, a dynamic array without and one with a bound."""
        fields = [Field(of, f"{prefix}a", False, None), Field(of, f"{prefix}b", True, None),
                  Field(of, f"{prefix}c", True, 3)]
        return fields + ([Field(of, f"{prefix}d", False, 9)] if of.name == "string" else [])

    def all_of_all(self):
        """Each type as argument of a message and of both halves of an rpc, as member and as element, and arrays of each."""
        uint32 = next(t for t in self.types if t.name == "uint32")
        string = next(t for t in self.types if t.name == "string")
        of_types = self.types + [self.enum_type("colour", 5), self.struct_type("pair", [
            Field(uint32, "a", False, None), Field(string, "b", False, None), Field(uint32, "c", True, 7)])]
        of_types += [self.array_type("row", of_types[-1], 2), self.renamed_type("other", uint32)]
        holders = {of.name: (self.struct_type(f"s_{of.name}", self.alone_and_in_arrays(of, "m_")),
                             self.array_type(f"a_{of.name}", of, 3)) for of in of_types}
        for of in of_types:
            held, row = holders[of.name]

            def fields(prefix):
                return self.alone_and_in_arrays(of, prefix) + [
                    Field(held, f"{prefix}s", False, None), Field(row, f"{prefix}r", False, None),
                    Field(held, f"{prefix}ss", True, 2), Field(row, f"{prefix}rr", True, None)]
            self.add_message("message", f"m_{of.name}", fields("f_"))
            self.add_rpc(f"r_{of.name}", fields("in_"), fields("out_"))
        for of in self.caps:
            self.add_message("message", f"m_{of.name}", self.alone_and_in_arrays(of, "f_"))
            self.add_rpc(f"r_{of.name}", self.alone_and_in_arrays(of, "in_"), self.alone_and_in_arrays(of, "out_"))

    def run(self, folder):
        self.halves, self.server_halves, self.rpcs = [], [], []
        if self.every:
            self.all_of_all()
        else:
            self.some_of_all()
        halves, server_halves, rpcs = self.halves, self.server_halves, self.rpcs
        (folder / "stubs").mkdir(parents=True, exist_ok=True)
        (folder / "stubs" / f"{self.name}.if").write_text(
            f"interface {self.name}\n{{\n    " + "\n    ".join(self.idl) + "\n}\n", encoding="ascii")
        table = "".join(f"    {{ \"{h}\", send_{h}, done_{h}, {'true' if h in server_halves else 'false'},"
                        f" {'send_' + h[:-5] + '_response, done_' + h[:-5] + '_response' if h not in server_halves else 'NULL, NULL'} }},\n"
                        for h in halves)
        vtbl = "".join(f"    .{h} = on_{h},\n" for h in halves) + "".join(f"    .{r}_response = on_{r}_response,\n" for r in rpcs)
        ops = "".join(f"    .{r} = op_{r},\n" for r in rpcs)
        calls = "".join(f"    call_{r},\n" for r in rpcs)
        tail = (f"static const struct half halves[] = {{\n{table}}};\nstatic const struct {self.name}_rx_vtbl handlers = {{\n{vtbl}}};\n"
                f"#define HALVES {len(halves)}\n#define RPCS {len(rpcs)}\n")
        if rpcs:
            no_calls = "".join(f"    .{h} = on_{h},\n" for h in server_halves)
            tail += f"UNUSED static const bool with_caps[] = {{ {', '.join(self.with_caps)} }};\n"
            tail += (f"static const struct {self.name}_ops ops = {{\n{ops}}};\nstatic const struct {self.name}_rx_vtbl without_calls = {{\n"
                     f"{no_calls}}};\nstatic void (*const calls[])(struct {self.name}_binding *, uint64_t) = {{\n{calls}}};\n")
        (folder / "driver.c").write_text("\n".join(self.c) + tail, encoding="ascii")


if __name__ == "__main__":
    Maker(int(sys.argv[1]), *sys.argv[3:]).run(pathlib.Path(sys.argv[2]))
