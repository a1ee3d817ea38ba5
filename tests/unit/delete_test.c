#include "world.h"
TEST(d,x){ struct world w; world_init(&w); world_check(&w,"x"); }
