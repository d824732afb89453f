/// Canonical decompositions without the marks that a model of uncased text drops (general category Mn).
///
/// Written by scripts/model/decompositions.py from Unicode 14.0.0. Hangul syllables are not listed: their parts are
/// computed.
enum Decompositions {
    /// A line is a code in hexadecimal digits, a space, and what its code and the codes after it become, a scalar each;
    /// '.' stands for a code that stays as it is.
    static let runs = """
        C0 AAAAAA.CEEEEIIII.NOOOOO..UUUUY..aaaaaa.ceeeeiiii.nooooo..uuuuy.yAaAaAaC
        107 cCcCcCcDd..EeEeEeEeEeGgGgGgGgHh..IiIiIiIiI...JjKk.LlLlLl....NnNnNn...Oo
        14E OoOo..RrRrRrSsSsSsSsTtTt..UuUuUuUuUuUuWwYyYZzZzZz
        1A0 Oo
        1AF Uu
        1CD AaIiOoUuUuUuUuUu.AaAaÆæ..GgKkOoOoƷʒj...Gg..NnAaÆæØøAaAaEeEeIiIiOoOoRrRr
        214 UuUuSsTt..Hh......AaEeOoOoOoOoYy
        374 ʹ
        37E ;......¨Α·ΕΗΙ.Ο.ΥΩι
        3AA ΙΥαεηιυ
        3CA ιυουω....ϒϒ
        400 ЕЕ.Г...І....КИУ
        419 И
        439 и
        450 ее.г...і....киу
        476 Ѵѵ
        4C1 Жж
        4D0 АаАа..Ее..ӘәЖжЗз..ИиИиОо..ӨөЭэУуУуУуЧч..Ыы
        622 ااواي
        6C0 ە.ہ
        6D3 ے
        929 न.......र..ळ
        958 कखगजडढफय
        9DC ডঢ.য
        A33 ਲ..ਸ
        A59 ਖਗਜ..ਫ
        B48 େ
        B5C ଡଢ
        CC0 ೕ......ೕೖ.ೂ
        DDA ෙ
        F43 ག
        F4D ཌ....ད....བ....ཛ
        F69 ཀ
        1026 ဥ
        1B3B ᬵ.ᬵ.....ᬵ
        1E00 AaBbBbBbCcDdDdDdDdDdEeEeEeEeEeFfGgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMmMmMmNnN
        1E47 nNnNnOoOoOoOoPpPpRrRrRrRrSsSsSsSsSsTtTtTtTtUuUuUuUuUuVvVvWwWwWwWwWwXxXx
        1E8E YyZzZzZzhtwy.ſ....AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEeEeEeEeEeIiIiOoOoOoOoO
        1ED5 oOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYy......ααααααααΑΑΑΑΑΑΑΑεεεεεε..ΕΕΕΕ
        1F1C ΕΕ..ηηηηηηηηΗΗΗΗΗΗΗΗιιιιιιιιΙΙΙΙΙΙΙΙοοοοοο..ΟΟΟΟΟΟ..υυυυυυυυ.Υ.Υ.Υ.Υωωω
        1F63 ωωωωωΩΩΩΩΩΩΩΩααεεηηιιοουυωω..ααααααααΑΑΑΑΑΑΑΑηηηηηηηηΗΗΗΗΗΗΗΗωωωωωωωωΩΩ
        1FAA ΩΩΩΩΩΩααααα.ααΑΑΑΑΑ.ι..¨ηηη.ηηΕΕΗΗΗ᾿᾿᾿ιιιι..ιιΙΙΙΙ.῾῾῾υυυυρρυυΥΥΥΥΡ¨¨`..ω
        1FF3 ωω.ωωΟΟΩΩΩ´
        2126 Ω...KA
        219A ←→
        21AE ↔
        21CD ⇐⇔⇒
        2204 ∃....∈..∋
        2224 ∣.∥
        2241 ∼..≃..≅.≈
        2260 =.≡
        226D ≍<>≤≥..≲≳..≶≷......≺≻..⊂⊃..⊆⊇
        22AC ⊢⊨⊩⊫
        22E0 ≼≽⊑⊒......⊲⊳⊴⊵
        2329 〈〉
        2ADC ⫝
        304C か.き.く.け.こ.さ.し.す.せ.そ.た.ち..つ.て.と......はは.ひひ.ふふ.へへ.ほほ
        3094 う
        309E ゝ
        30AC カ.キ.ク.ケ.コ.サ.シ.ス.セ.ソ.タ.チ..ツ.テ.ト......ハハ.ヒヒ.フフ.ヘヘ.ホホ
        30F4 ウ..ワヰヱヲ...ヽ
        F900 豈更車賈滑串句龜龜契金喇奈懶癩羅蘿螺裸邏樂洛烙珞落酪駱亂卵欄爛蘭鸞嵐濫藍襤拉臘蠟廊朗浪狼郎來冷勞擄櫓爐盧老蘆虜路露魯鷺碌祿綠菉錄鹿論壟弄籠聾牢
        F947 磊賂雷壘屢樓淚漏累縷陋勒肋凜凌稜綾菱陵讀拏樂諾丹寧怒率異北磻便復不泌數索參塞省葉說殺辰沈拾若掠略亮兩凉梁糧良諒量勵呂女廬旅濾礪閭驪麗黎力曆歷轢
        F98E 年憐戀撚漣煉璉秊練聯輦蓮連鍊列劣咽烈裂說廉念捻殮簾獵令囹寧嶺怜玲瑩羚聆鈴零靈領例禮醴隸惡了僚寮尿料樂燎療蓼遼龍暈阮劉杻柳流溜琉留硫紐類六戮陸倫
        F9D5 崙淪輪律慄栗率隆利吏履易李梨泥理痢罹裏裡里離匿溺吝燐璘藺隣鱗麟林淋臨立笠粒狀炙識什茶刺切度拓糖宅洞暴輻行降見廓兀嗀..塚.晴..凞猪益礼神祥福
        FA1C 靖精羽.蘒.諸..逸都...飯飼館鶴郞隷侮僧免勉勤卑喝嘆器塀墨層屮悔慨憎懲敏既暑梅海渚漢煮爫琢碑社祉祈祐祖祝禍禎穀突節練縉繁署者臭艹艹著褐視謁
        FA63 謹賓贈辶逸難響頻恵𤋮舘..並况全侀充冀勇勺喝啕喙嗢塚墳奄奔婢嬨廒廙彩徭惘慎愈憎慠懲戴揄搜摒敖晴朗望杖歹殺流滛滋漢瀞煮瞧爵犯猪瑱甆画瘝瘟益盛直睊
        FAAA 着磌窱節类絛練缾者荒華蝹襁覆視調諸請謁諾諭謹變贈輸遲醙鉶陼難靖韛響頋頻鬒龜𢡊𢡄𣏕㮝䀘䀹𥉉𥳐𧻓齃龎
        FB1D י.ײ
        FB2A ששששאאאבגדהוז.טיךכל.מ.נס.ףפ.צקרשתובכפ
        1109A 𑂙.𑂛
        110AB 𑂥
        114BB 𑒹
        2F800 丽丸乁𠄢你侮侻倂偺備僧像㒞𠘺免兔兤具𠔜㒹內再𠕋冗冤仌冬况𩇟凵刃㓟刻剆割剷㔕勇勉勤勺包匆北卉卑博即卽卿卿卿𠨬灰及叟𠭣叫叱吆咞吸呈周咢哶唐啓啣善善
        2F847 喙喫喳嗂圖嘆圗噑噴切壮城埴堍型堲報墬𡓤売壷夆多夢奢𡚨𡛪姬娛娧姘婦㛮㛼嬈嬾嬾𡧈寃寘寧寳𡬘寿将当尢㞁屠屮峀岍𡷤嵃𡷦嵮嵫嵼巡巢㠯巽帨帽幩㡢𢆃㡼庰庳庶
        2F88E 廊𪎒廾𢌱𢌱舁弢弢㣇𣊸𦇚形彫㣣徚忍志忹悁㤺㤜悔𢛔惇慈慌慎慌慺憎憲憤憯懞懲懶成戛扝抱拔捐𢬌挽拼捨掃揤𢯱搢揅掩㨮摩摾撝摷㩬敏敬𣀊旣書晉㬙暑㬈㫤冒冕最
        2F8D5 暜肭䏙朗望朡杞杓𣏃㭉柺枅桒梅𣑭梎栟椔㮝楂榣槪檨𣚣櫛㰘次𣢧歔㱎歲殟殺殻𣪍𡴋𣫺汎𣲼沿泍汧洖派海流浩浸涅𣴞洴港湮㴳滋滇𣻑淹潮𣽞𣾎濆瀹瀞瀛㶖灊災灷炭𠔥
        2F91C 煅𤉣熜𤎫爨爵牐𤘈犀犕𤜵𤠔獺王㺬玥㺸㺸瑇瑜瑱璅瓊㼛甤𤰶甾𤲒異𢆟瘐𤾡𤾸𥁄㿼䀈直𥃳𥃲𥄙𥄳眞真真睊䀹瞋䁆䂖𥐝硎碌磌䃣𥘦祖𥚚𥛅福秫䄯穀穊穏𥥼𥪧𥪧竮䈂𥮫篆
        2F963 築䈧𥲀糒䊠糨糣紀𥾆絣䌁緇縂繅䌴𦈨𦉇䍙𦋙罺𦌾羕翺者𦓚𦔣聠𦖨聰𣍟䏕育脃䐋脾媵𦞧𦞵𣎓𣎜舁舄辞䑫芑芋芝劳花芳芽苦𦬼若茝荣莭茣莽菧著荓菊菌菜𦰶𦵫𦳕䔫蓱蓳
        2F9AA 蔖𧏊蕤𦼬䕝䕡𦾱𧃒䕫虐虜虧虩蚩蚈蜎蛢蝹蜨蝫螆䗗蟡蠁䗹衠衣𧙧裗裞䘵裺㒻𧢮𧥦䚾䛇誠諭變豕𧲨貫賁贛起𧼯𠠄跋趼跰𠣞軔輸𨗒𨗭邔郱鄑𨜮鄛鈸鋗鋘鉼鏹鐕𨯺開䦕閷
        2F9F1 𨵷䧦雃嶲霣𩅅𩈚䩮䩶韠𩐊䪲𩒖頋頋頩𩖶飢䬳餩馧駂駾䯎𩬰鬒鱀鳽䳎䳭鵧𪃎䳸𪄅𪈎𪊑麻䵖黹黾鼅鼏鼖鼻𪘀
        """

    /// A line is a code and the scalars that it becomes, in hexadecimal digits.
    static let pairs = """
        9CB 9C7 9BE
        9CC 9C7 9D7
        B4B B47 B3E
        B4C B47 B57
        B94 B92 BD7
        BCA BC6 BBE
        BCB BC7 BBE
        BCC BC6 BD7
        CCB CC2 CD5
        D4A D46 D3E
        D4B D47 D3E
        D4C D46 D57
        DDC DD9 DCF
        DDD DD9 DCF
        DDE DD9 DDF
        1B06 1B05 1B35
        1B08 1B07 1B35
        1B0A 1B09 1B35
        1B0C 1B0B 1B35
        1B0E 1B0D 1B35
        1B12 1B11 1B35
        1B40 1B3E 1B35
        1B41 1B3F 1B35
        1134B 11347 1133E
        1134C 11347 11357
        114BC 114B9 114B0
        114BE 114B9 114BD
        115BA 115B8 115AF
        115BB 115B9 115AF
        11938 11935 11930
        1D15E 1D157 1D165
        1D15F 1D158 1D165
        1D160 1D158 1D165 1D16E
        1D161 1D158 1D165 1D16F
        1D162 1D158 1D165 1D170
        1D163 1D158 1D165 1D171
        1D164 1D158 1D165 1D172
        1D1BB 1D1B9 1D165
        1D1BC 1D1BA 1D165
        1D1BD 1D1B9 1D165 1D16E
        1D1BE 1D1BA 1D165 1D16E
        1D1BF 1D1B9 1D165 1D16F
        1D1C0 1D1BA 1D165 1D16F
        """
}
